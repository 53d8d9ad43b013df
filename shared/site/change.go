package site

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"yakusoku/shared/availability"
	"yakusoku/shared/booking"
	"yakusoku/shared/language"
	"yakusoku/shared/problem"
)

// change is what a guest would do with their booking, as the address says it.
type change string

const (
	noChange     change = ""
	toCancel     change = "cancel"
	toReschedule change = "reschedule"
)

// cancelForm is the plain form that cancels a booking.
type cancelForm struct{ Fields []field }

// The names of its fields, which are the API's.
const (
	reasonField  = "reason"
	messageField = "message"
)

func newCancelForm(l language.Tag) *cancelForm {
	w := wordsIn(l)
	reason := field{Name: reasonField, Label: w.Reason, Kind: selectField, Unchosen: w.NoReason}
	for _, r := range []booking.CancelReason{booking.Conflict, booking.NotNeeded, booking.OtherReason} {
		reason.Options = append(reason.Options, choice{Value: string(r), Label: w.MyReasons[r]})
	}
	message := field{Name: messageField, Label: w.ToHost, Hint: w.ToHostHint, Kind: areaField, Most: 1000}
	return &cancelForm{Fields: []field{reason, message}}
}

// fill puts back what was typed.
func (f *cancelForm) fill(typed url.Values) {
	for i := range f.Fields {
		made := &f.Fields[i]
		made.Value = typed.Get(made.Name)
		for j := range made.Options {
			made.Options[j].Chosen = made.Options[j].Value == made.Value
		}
	}
}

// moveForm is the plain form that moves a booking to the start that was chosen, or
// lets another be chosen where that is gone.
type moveForm struct {
	Start, When string
	Starts      []choice
}

// asked is a change that is asked for.
type asked struct {
	what  change
	token string
	query url.Values
	gone  bool // the start in the query cannot be had
}

// offer adds what the change asks of the guest, if it can be made now.
func (o *ownBody) offer(ctx context.Context, desk Desk, b booking.Booking, a asked, now time.Time) error {
	switch {
	case a.what == toCancel && b.GuestCanCancel(now):
		o.Cancel = newCancelForm(o.Language)
	case a.what == toReschedule && b.GuestCanMove(now) && !b.Moving():
		return o.offerTimes(ctx, desk, b, a, now)
	}
	return nil
}

// offerTimes leads to another time as a booking page does: days, a day's times
// (?date), and a form (?start).
func (o *ownBody) offerTimes(ctx context.Context, desk Desk, b booking.Booking, a asked, now time.Time) error {
	in, err := wayOf(o.Language, "", b.Guest.TimeZone)
	if err != nil {
		return err
	}
	date, from := dateIn(a.query.Get("date"), in.Zone), now
	start, err := time.Parse(time.RFC3339, a.query.Get("start"))
	chosen := err == nil
	first := cmp.Or(date, dateIn(a.query.Get("from"), in.Zone))
	if chosen {
		first = start.AddDate(0, 0, -daysInlined/4)
	}
	if first.After(now) {
		from = first
	}
	month, err := desk.OwnSlots(ctx, b.ID, a.token, from, from.AddDate(0, 0, daysInlined))
	if err != nil {
		return err
	}
	month.Slots = slices.DeleteFunc(month.Slots, func(s availability.Slot) bool {
		return s.Start.Equal(b.Start) || a.gone && s.Start.Equal(start)
	})
	o.Choose = true
	o.picker = picker{Zone: in.zoneAt(from), Back: o.Own + "/" + string(toReschedule) + "?lang=" + string(o.Language)}
	switch {
	case chosen && isOpen(month, start):
		o.Move = &moveForm{Start: start.Format(time.RFC3339), When: in.span(start, start.Add(b.End.Sub(b.Start)))}
	case chosen:
		o.Alert = cmp.Or(o.Alert, wordsIn(o.Language).NotOpen)
		o.Move = &moveForm{Starts: nearestTo(start, month, in)}
	case !date.IsZero():
		o.Times, o.Day = timesOf(month, in, date), in.date(date)
	default:
		o.Days, o.Next = daysOf(month, in), later(month, in, from)
	}
	return nil
}

// change takes the form of a change. Who sends it is known by the booking's cookie,
// which browsers leave out of what other sites have them send (SameSite); what says
// that it comes from elsewhere is refused besides.
func (f *forms) change(what change) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, formLimit)
		if err := r.ParseForm(); err != nil {
			apologize(w, r, plainBundle, problem.BodyTooLarge)
			return
		}
		typed := r.PostForm
		r.URL.RawQuery = url.Values{"lang": {typed.Get("lang")}}.Encode()
		offer, err := f.desk.Page(r.Context(), r.PathValue("host"), r.PathValue("page"))
		if missing := (*booking.PageNotFound)(nil); err != nil && !errors.As(err, &missing) {
			refusePage(w, r, plainBundle, err)
			return
		}
		d := ownDocument(r, offer, plainBundle)
		body := newOwnBody(r, d.Language)
		d.Body = body
		said := wordsIn(d.Language)
		if err := f.elsewhere.Check(r); err != nil {
			body.Alert = said.Elsewhere
			show(w, r, http.StatusForbidden, "own.html", d)
			return
		}
		cookie, err := r.Cookie(ownCookie)
		if err != nil { // it is kept for a while only
			show(w, r, http.StatusUnauthorized, "own.html", d)
			return
		}
		d.Kept = true
		refused := f.ask(r, "/api/bookings/"+url.PathEscape(r.PathValue("booking"))+"/"+string(what),
			http.Header{"Authorization": {"Bearer " + cookie.Value}}, d.Language, changeBody(what, typed), nil)
		if refused == nil {
			http.Redirect(w, r, body.Own+"?lang="+string(d.Language), http.StatusSeeOther) // #nosec G710 -- a path of ours, each part escaped
			return
		}
		body.Alert = refused.Detail
		for _, wrong := range refused.Errors {
			body.Alert += " " + wrong.Detail
		}
		a := asked{
			what: what, token: cookie.Value, query: url.Values{"start": {typed.Get("start")}},
			gone: refused.Code == problem.SlotTaken || refused.Code == problem.SlotNotOpen,
		}
		if err := f.again(r.Context(), body, r.PathValue("booking"), a, typed); err != nil {
			slog.WarnContext(r.Context(), "booking not shown without a script", "error", err)
		}
		show(w, r, refused.Status, "own.html", d)
	}
}

// again shows the booking as it now is, and its form again where that may help.
func (f *forms) again(ctx context.Context, body *ownBody, id string, a asked, typed url.Values) error {
	b, err := f.desk.View(ctx, id, a.token)
	if err != nil {
		return err
	}
	if err := body.fill(b, f.now()); err != nil {
		return err
	}
	if err := body.offer(ctx, f.desk, b, a, f.now()); err != nil {
		return err
	}
	if body.Cancel != nil {
		body.Cancel.fill(typed)
	}
	return nil
}

// changeBody is the form as the API takes it. What was left empty is left out.
func changeBody(what change, typed url.Values) map[string]any {
	if what == toReschedule {
		return map[string]any{"start": typed.Get("start")}
	}
	body := map[string]any{}
	for _, name := range []string{reasonField, messageField} {
		if value := strings.TrimSpace(strings.ReplaceAll(typed.Get(name), "\r\n", "\n")); value != "" {
			body[name] = value
		}
	}
	return body
}
