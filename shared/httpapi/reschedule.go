package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"yakusoku/shared/booking"
	"yakusoku/shared/language"
	"yakusoku/shared/problem"
	"yakusoku/shared/zone"
)

const (
	ownSlotsPath      = "/api/bookings/{id}/slots"
	reschedulePath    = "/api/bookings/{id}/reschedule"
	ownReschedulePath = "/api/host/bookings/{id}/reschedule"
)

// MoveView is a change of plan that is under way. The booking stands where it stood
// until it has come about.
type MoveView struct {
	Start time.Time     `json:"start" doc:"In the same time zone as the booking's"`
	End   time.Time     `json:"end"`
	By    booking.Party `json:"by" enum:"guest,host"`
	Steps []MoveStep    `json:"steps" nullable:"false"`
}

// MoveStep is how far one step of a move has come.
type MoveStep struct {
	Name   booking.Step       `json:"name" enum:"meeting,event,mail"`
	Status booking.StepStatus `json:"status" enum:"waiting,started,done,undone,failed"`
}

// MoveFailed is a move that did not come about.
type MoveFailed struct {
	Start        time.Time      `json:"start" doc:"Where it was to be moved"`
	By           booking.Party  `json:"by" enum:"guest,host"`
	Reason       booking.Reason `json:"reason"`
	ReasonDetail string         `json:"reasonDetail" doc:"For people"`
	At           time.Time      `json:"at"`
}

// Moved is a move that came about.
type Moved struct {
	From   time.Time     `json:"from" doc:"Where the booking stood before"`
	By     booking.Party `json:"by" enum:"guest,host"`
	At     time.Time     `json:"at"`
	NewURL bool          `json:"newUrl" doc:"The meeting's URL changed with it"`
}

// Moves are what is told of a booking's last move: one of them, or none.
type Moves struct {
	Move       *MoveView   `json:"move,omitempty" doc:"While the booking is being moved"`
	MoveFailed *MoveFailed `json:"moveFailed,omitempty" doc:"If the last move did not come about"`
	Moved      *Moved      `json:"moved,omitempty" doc:"If it did"`
}

func movesOf(b booking.Booking, in *time.Location, l language.Tag) Moves {
	m := b.Move
	switch {
	case m == nil || b.Status != booking.Confirmed:
		return Moves{}
	case b.Moving():
		v := &MoveView{Start: m.To.Start.In(in), End: m.To.End.In(in), By: m.By, Steps: []MoveStep{}}
		for _, step := range []booking.Step{booking.Meeting, booking.Event, booking.Mail} {
			v.Steps = append(v.Steps, MoveStep{Name: step, Status: m.Steps[step].Status})
		}
		return Moves{Move: v}
	case m.Outcome == booking.Stayed:
		return Moves{MoveFailed: &MoveFailed{
			Start: m.To.Start.In(in), By: m.By, Reason: m.Reason, ReasonDetail: moveReasonIn(l, m.Reason), At: m.EndedAt.In(in),
		}}
	}
	return Moves{Moved: &Moved{From: m.From.Start.In(in), By: m.By, At: m.EndedAt.In(in), NewURL: m.Replacement != 0}}
}

// RescheduleRequest is the body that moves a booking.
type RescheduleRequest struct {
	Start time.Time `json:"start" doc:"The start of an open slot, with offset" example:"2026-12-01T10:00:00+09:00"`
}

type rescheduleInput struct {
	OwnBooking
	Body RescheduleRequest
}

// OwnSlots are the open slots to which a booking can be moved.
type OwnSlots struct {
	Slots
	Accepting bool   `json:"accepting" doc:"Whether the booking's page takes bookings at present; if not, there are no slots"`
	LastDate  string `json:"lastDate,omitempty" format:"date" doc:"The last day on which slots may start, in the host's zone"`
}

type ownSlotsOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         OwnSlots
}

type ownSlotsInput struct {
	OwnBooking
	From     string `query:"from" required:"true" format:"date" doc:"First day, in the time zone" example:"2026-12-01"`
	To       string `query:"to" required:"true" format:"date" doc:"Last day; at most 62 days in all" example:"2026-12-31"`
	TimeZone string `query:"timezone" required:"true" maxLength:"64" doc:"IANA time zone of the days and of the answer" example:"Asia/Tokyo"`
}

func registerReschedule(api huma.API, bookings Bookings) {
	own := []map[string][]string{{guestToken: {}}}
	huma.Register(api, huma.Operation{
		OperationID: "list-own-slots", Method: http.MethodGet, Path: ownSlotsPath, Tags: []string{"Bookings"},
		Summary: "The open slots to which one's booking can be moved", Security: own, Errors: []int{401, 404, 409},
		Description: "As the page's own, but the booking's present time is in nobody's way.",
	}, func(ctx context.Context, in *ownSlotsInput) (*ownSlotsOutput, error) {
		token, err := in.token()
		if err != nil {
			return nil, err
		}
		location, err := zone.Load(in.TimeZone)
		if err != nil {
			return nil, invalid("timezone", problem.BadTimeZone)
		}
		from, to, err := span(in.From, in.To, location)
		if err != nil {
			return nil, err
		}
		month, err := bookings.OwnSlots(ctx, in.ID, token, from, to)
		if err != nil {
			return nil, err
		}
		return &ownSlotsOutput{CacheControl: private, Body: OwnSlots{
			Slots: SlotsOf(month.Page, month.Slots, location), Accepting: month.Accepting, LastDate: month.LastDate,
		}}, nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "reschedule-booking", Method: http.MethodPost, Path: reschedulePath, Tags: []string{"Bookings"},
		Summary: "Move one's booking to another open slot", DefaultStatus: http.StatusAccepted, MaxBodyBytes: bodyLimit,
		Security: own, Errors: []int{400, 401, 404, 409, 413, 415, 429, 503},
		Description: "The new slot is held at once, the former one until everything stands at the new time: read the booking to see it happen. Once more is no error.",
	}, func(ctx context.Context, in *rescheduleInput) (*nothing, error) {
		token, err := in.token()
		if err != nil {
			return nil, err
		}
		return &nothing{CacheControl: private}, bookings.Reschedule(ctx, in.ID, token, in.Body.Start)
	})
}

// OwnRescheduleRequest is the body by which a host moves a booking.
type OwnRescheduleRequest struct {
	Start   time.Time `json:"start" doc:"Any time to come that no other booking holds. Where the booking stands already, what was lost of its meeting and event is made anew" example:"2026-12-01T10:00:00+09:00"`
	Message string    `json:"message,omitempty" maxLength:"1000" doc:"To the guest, in the mail"`
}

type ownRescheduleInput struct {
	OwnedBooking
	Body OwnRescheduleRequest
}

// Resolve holds the message to what a schema cannot say.
func (in *ownRescheduleInput) Resolve(huma.Context) []error {
	if strings.ContainsFunc(in.Body.Message, disturbsText) {
		return []error{invalid("message", problem.ControlChar)}
	}
	return nil
}

func (c *console) registerReschedule(api huma.API) {
	move := hosts("reschedule-own-booking", http.MethodPost, ownReschedulePath, "Host's bookings", "Move a booking", 400, 409, 413, 415)
	move.DefaultStatus = http.StatusAccepted
	huma.Register(api, move, func(ctx context.Context, in *ownRescheduleInput) (*nothing, error) {
		h, err := c.me(ctx)
		if err != nil {
			return nil, err
		}
		return &nothing{CacheControl: private}, c.Diary.Move(ctx, h.Handle, in.ID, in.Body.Start, in.Body.Message)
	})
}
