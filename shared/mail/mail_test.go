package mail

import (
	"cmp"
	"errors"
	"maps"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/language"
)

var reasons = []booking.Reason{
	booking.ReasonNone, booking.ReasonSlotTaken, booking.ReasonZoomUnavailable, booking.ReasonCalendarFailed,
	booking.ReasonMailFailed, booking.ReasonHostDisconnected, booking.ReasonTooLate,
}

func TestEveryReasonHasItsOwnAdviceInEveryLanguage(t *testing.T) {
	for _, w := range []*words{&japanese, &english} {
		for side, all := range map[string]map[booking.Reason]advice{"guest": w.guestAdvice, "host": w.hostAdvice} {
			if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, slices.Sorted(slices.Values(reasons))) {
				t.Errorf("%s %s has advice for %q", w.tag, side, got)
			}
			leads := map[string]booking.Reason{}
			for reason, a := range all {
				if other, twice := leads[a.lead]; twice || a.lead == "" || a.action == "" {
					t.Errorf("%s %s: %q says what %q says, or nothing", w.tag, side, reason, other)
				}
				leads[a.lead] = reason
			}
		}
	}
}

func TestFailuresLeadToWhatHelps(t *testing.T) {
	const bookingPage, integrations = origin + "/b/demo/intro", origin + "/console/integrations"
	remedy := map[booking.Reason]string{
		booking.ReasonHostDisconnected: integrations,
		booking.ReasonZoomUnavailable:  integrations,
		booking.ReasonCalendarFailed:   integrations,
	}
	for _, reason := range append(reasons, "a reason from a later release") {
		for kind, want := range map[Kind]string{GuestFailed: bookingPage, HostFailed: cmp.Or(remedy[reason], bookingPage)} {
			m, err := composer(t).Compose(kind, failed(sample(), reason))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(m.Text, "\n"+want+"\n") || !strings.Contains(m.HTML, `href="`+want+`"`) {
				t.Errorf("%s of %q does not lead to %s:\n%s", kind, reason, want, m.Text)
			}
			if strings.Contains(m.Text+m.HTML, token) || m.Invite != nil {
				t.Errorf("%s of %q holds the way into a booking that does not stand", kind, reason)
			}
		}
	}
}

func TestTheGuestsTokenGoesToTheGuestAlone(t *testing.T) {
	link := origin + "/b/demo/intro/" + sample().ID + "#" + token
	for kind := range compositions {
		m, err := composer(t).Compose(kind, in(kind, accompanied(sample())))
		if err != nil {
			t.Fatal(err)
		}
		text, html := strings.Contains(m.Text, link), strings.Contains(m.HTML, `href="`+link+`"`)
		if want := slices.Contains([]Kind{GuestConfirmed, GuestMoved, GuestStayed, GuestReminder}, kind); text != want || html != want {
			t.Errorf("%s: link in text %v, in HTML %v; want both %v", kind, text, html, want)
		}
		if strings.Contains(string(m.Invite), token) {
			t.Errorf("%s: an invitation is passed on, and holds the token", kind)
		}
	}
}

func TestWhomAGuestBringsIsToldWhatTheyNeedAndNoMore(t *testing.T) {
	b := accompanied(sample())
	m, err := composer(t).Compose(AttendeesConfirmed, b)
	if err != nil {
		t.Fatal(err)
	}
	want := []netmail.Address{{Address: "ken@guest.example"}, {Address: "mina@elsewhere.example"}}
	if diff := gocmp.Diff(want, m.To); diff != "" {
		t.Errorf("to (-want +got):\n%s", diff)
	}
	for _, private := range []string{token, b.Guest.Phone, b.Answers[0].Value, b.Guest.Company} {
		for part, text := range map[string]string{"text": m.Text, "HTML": m.HTML, "invitation": string(m.Invite)} {
			if strings.Contains(text, private) {
				t.Errorf("the %s tells %q", part, private)
			}
		}
	}
	for _, address := range append(b.Guest.CoAttendees, b.Guest.Email) {
		if unfolded := strings.ReplaceAll(string(m.Invite), "\r\n ", ""); !strings.Contains(unfolded, "mailto:"+address) {
			t.Errorf("%s is not invited:\n%s", address, unfolded)
		}
	}
	b.Guest.CoAttendees[1] = "mina"
	if _, err := composer(t).Compose(AttendeesConfirmed, b); err == nil {
		t.Error("an address that mail cannot reach is written to")
	}
}

func TestACodeCanBeTakenAlongByItself(t *testing.T) {
	of := booking.CodeLetter{
		Email: "taro@guest.example", Language: language.English, Code: "048291",
		Title: hostile().Terms.Title, HostName: hostile().Terms.HostName,
	}
	first, err := composer(t).Code(of)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(first.Text, "\n  "+of.Code+"\n") || !strings.Contains(first.HTML, ">"+of.Code+"<") || !strings.HasSuffix(first.Subject, of.Code) {
		t.Errorf("the code does not stand by itself:\n%s\n\n%s", first.Subject, first.Text)
	}
	if strings.Contains(first.Text, "\nBcc:") || strings.Contains(first.HTML, "<script") || first.Invite != nil {
		t.Errorf("a host breaks out of the mail:\n%s", first.Text)
	}
	if second, err := composer(t).Code(of); err != nil || second.ID == first.ID {
		t.Errorf("a second mail has the first one's ID %s: %v", second.ID, err)
	}

	of.Email = "taro@guest.example\r\nBcc: victim@evil.example"
	_, err = composer(t).Code(of)
	if refused := (*Refused)(nil); !errors.As(err, &refused) {
		t.Errorf("an address that mail cannot reach: %v", err)
	}
}

func TestMailsGoToOneSideAndReplyToTheOther(t *testing.T) {
	b := accompanied(abroad())
	for kind := range compositions {
		m, err := composer(t).Compose(kind, in(kind, b))
		if err != nil {
			t.Fatal(err)
		}
		to, replyTo, tag := b.Guest.Email, b.Terms.HostEmail, language.English
		if strings.HasPrefix(string(kind), "host") {
			to, replyTo, tag = replyTo, to, language.Japanese
		}
		if strings.HasPrefix(string(kind), "attendees") {
			to, replyTo = b.Guest.CoAttendees[0], b.Guest.Email
		}
		if m.To[0].Address != to || m.ReplyTo.Address != replyTo || m.Language != tag {
			t.Errorf("%s goes to %v, reply to %v, in %s", kind, m.To, m.ReplyTo, m.Language)
		}
		methods := map[Kind]string{
			GuestConfirmed: "REQUEST", AttendeesConfirmed: "REQUEST", GuestCancelled: "CANCEL", AttendeesCancelled: "CANCEL",
			GuestMoved: "REQUEST", AttendeesMoved: "REQUEST", GuestStayed: "REQUEST",
			HostMoved: "REQUEST", HostCancelled: "CANCEL",
		}
		if (m.Invite != nil) != (m.Method != "") || m.Method != methods[kind] {
			t.Errorf("%s is a %q: %s", kind, m.Method, m.Invite)
		}
		if m.Aside != (m.Invite != nil && strings.HasPrefix(string(kind), "host")) {
			t.Errorf("%s has its invitation aside: %v", kind, m.Aside)
		}
	}
}

func TestAGuestWhoMayHoldAConfirmationIsToldThatItDoesNotStand(t *testing.T) {
	for _, reason := range reasons {
		m, err := composer(t).Compose(GuestFailed, failed(sample(), reason))
		if err != nil {
			t.Fatal(err)
		}
		want := reason == booking.ReasonMailFailed || reason == booking.ReasonTooLate
		if got := strings.Contains(m.Text, japanese.mayHaveConfirmed); got != want {
			t.Errorf("%q: told %v, want %v", reason, got, want)
		}
	}
}

func TestTheHostIsToldWhatIsLeft(t *testing.T) {
	gone := failed(sample(), booking.ReasonZoomUnavailable)
	left := failed(sample(), booking.ReasonZoomUnavailable)
	left.Steps[booking.Meeting] = booking.Progress{Status: booking.Started}
	for want, b := range map[string]booking.Booking{japanese.nothingLeft: gone, japanese.somethingLeft: left} {
		m, err := composer(t).Compose(HostFailed, b)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(m.Text, want) {
			t.Errorf("does not say %q:\n%s", want, m.Text)
		}
	}
}

func TestTheHostIsToldThatNoMailReachesTheGuest(t *testing.T) {
	tests := map[Kind]booking.Booking{
		HostConfirmed: sample(),
		HostFailed:    failed(sample(), booking.ReasonSlotTaken),
		HostCancelled: cancelled(sample(), booking.ByGuest, ""),
		HostMoved:     moved(sample(), booking.ByGuest, ""),
		HostStayed:    stayed(sample(), booking.ReasonMailFailed),
	}
	for kind, b := range tests {
		for want, b := range map[bool]booking.Booking{false: b, true: unreached(b)} {
			m, err := composer(t).Compose(kind, b)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(m.Text, japanese.unreached); got != want {
				t.Errorf("%s: told %v, want %v:\n%s", kind, got, want, m.Text)
			}
		}
	}
}

func TestAddressesThatMailCannotReachAreRefused(t *testing.T) {
	for _, address := range []string{
		"", "taro", "taro@", "@guest.example", "taro@guest.example\r\nBcc: victim@evil.example", "taro@guest.example\x00",
		"a@guest.example, b@guest.example", "Taro <taro@guest.example>", "太郎@guest.example", "taro@日本.example",
		"taro @guest.example", strings.Repeat("a", 250) + "@guest.example",
	} {
		b := sample()
		b.Guest.Email = address
		for _, kind := range []Kind{GuestConfirmed, GuestFailed} {
			_, err := composer(t).Compose(kind, b)
			if refused := (*Refused)(nil); !errors.As(err, &refused) {
				t.Errorf("%s to %q: %v", kind, address, err)
			} else if address != "" && strings.Contains(err.Error(), address) {
				t.Errorf("the error tells the address: %v", err)
			}
		}
		m, err := composer(t).Compose(HostFailed, failed(b, booking.ReasonMailFailed))
		if err != nil || m.ReplyTo.Address != "" {
			t.Errorf("the host does not hear of %q: %v", address, err)
		}
	}
}

func TestWhatCannotBeWrittenIsRefused(t *testing.T) {
	tests := map[string]struct {
		kind   Kind
		change func(*booking.Booking)
	}{
		"unknown kind":              {"reminder", func(*booking.Booking) {}},
		"unknown zone":              {GuestFailed, func(b *booking.Booking) { b.Guest.TimeZone = "Mars/Olympus" }},
		"no meeting, guest":         {GuestConfirmed, func(b *booking.Booking) { b.ZoomMeeting.JoinURL = "" }},
		"no meeting, host":          {HostConfirmed, func(b *booking.Booking) { b.ZoomMeeting.JoinURL = "" }},
		"meeting that is a script":  {HostConfirmed, func(b *booking.Booking) { b.ZoomMeeting.JoinURL = "javascript:alert(1)" }},
		"no meeting, reminder":      {GuestReminder, func(b *booking.Booking) { *b = reminding(*b, 60); b.ZoomMeeting.JoinURL = "" }},
		"no reminder":               {GuestReminder, func(*booking.Booking) {}},
		"organizer without address": {GuestConfirmed, func(b *booking.Booking) { b.Terms.HostEmail = "hanako" }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := sample()
			test.change(&b)
			_, err := composer(t).Compose(test.kind, b)
			if refused := (*Refused)(nil); !errors.As(err, &refused) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAComposerNeedsAnOriginAndASender(t *testing.T) {
	tokens := func(string) string { return "" }
	for _, origin := range []string{"", "book.example.com", "ftp://book.example.com", "https://", "https://book.example.com/path", "https://book.example.com?x", "https://u:p@book.example.com"} {
		if _, err := NewComposer(origin, sender, tokens); err == nil {
			t.Errorf("origin %q is taken", origin)
		}
	}
	for _, sender := range []string{"", "Yakusoku", "Yakusoku <>", "Yakusoku <no-reply@例え.jp>", "a@b.example, c@d.example"} {
		if _, err := NewComposer(origin, sender, tokens); err == nil {
			t.Errorf("sender %q is taken", sender)
		}
	}
	for _, origin := range []string{"https://book.example.com/", "http://127.0.0.1:8080"} {
		if _, err := NewComposer(origin, "no-reply@example.com", tokens); err != nil {
			t.Errorf("origin %q is refused: %v", origin, err)
		}
	}
}

func TestComposingLeavesTheBookingAsItWas(t *testing.T) {
	b := hostile()
	if _, err := composer(t).Compose(GuestConfirmed, b); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(hostile(), b); diff != "" {
		t.Error(diff)
	}
}

func TestTyping(t *testing.T) {
	tests := map[string]struct{ typed, line, block string }{
		"plain":              {"山田　太郎", "山田 太郎", "山田　太郎"},
		"line breaks":        {"a\r\nb\rc\u2028d\u0085e", "a b c d e", "a\nb\nc\nd\ne"},
		"controls":           {"a\x00b\x1b[1m\x7f", "a b [1m", "ab[1m"},
		"direction override": {"abc\u202etxt.exe\u2066", "abctxt.exe", "abctxt.exe"},
		"right to left":      {"שלום مرحبا", "שלום مرحبا", "שלום مرحبا"},
		"joined emoji":       {"👩‍👩‍👧", "👩‍👩‍👧", "👩‍👩‍👧"},
		"not UTF-8":          {"a\xffb", "a�b", "a�b"},
		"spaces":             {"  a \t b  \n\n", "a b", "  a      b"},
		"nothing":            {"\r\n\x00", "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := line(test.typed); got != test.line {
				t.Errorf("line: %q, want %q", got, test.line)
			}
			if got := block(test.typed); got != test.block {
				t.Errorf("block: %q, want %q", got, test.block)
			}
		})
	}
	if got := line(strings.Repeat("あ", 300)); got != strings.Repeat("あ", 199)+"…" {
		t.Errorf("a long line ends as %q", got[len(got)-9:])
	}
}

func TestAHostIsToldOfEachDifferenceInAMailOfItsOwn(t *testing.T) {
	c := composer(t)
	ids := map[string]bool{}
	for _, b := range []booking.Booking{differing(sample(), meetingGone), differing(sample(), meetingMoved)} {
		first, err := c.Compose(HostDiffers, b)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := c.Compose(HostDiffers, b); err != nil || again.ID != first.ID || ids[first.ID] {
			t.Errorf("%s after %v, again %s: %v", first.ID, ids, again.ID, err)
		}
		ids[first.ID] = true
		if want := origin + "/console/bookings/" + b.ID; !strings.Contains(first.Text, "\n"+want+"\n") || strings.Count(first.HTML, `href="`+want+`"`) != 1 {
			t.Errorf("does not lead to %s:\n%s", want, first.Text)
		}
	}
	_, err := c.Compose(HostDiffers, sample())
	if refused := (*Refused)(nil); !errors.As(err, &refused) {
		t.Errorf("a host is told of nothing: %v", err)
	}
}

func TestOnlyATimeThatIsNoneToComeAtIsStruck(t *testing.T) {
	struck := []Kind{GuestFailed, HostFailed, GuestCancelled, HostCancelled, AttendeesCancelled}
	for kind := range compositions {
		m, err := composer(t).Compose(kind, in(kind, accompanied(sample())))
		if err != nil {
			t.Fatal(err)
		}
		if is := strings.Contains(m.HTML, "line-through"); is != slices.Contains(struck, kind) {
			t.Errorf("%s: struck %v", kind, is)
		}
	}
}

func TestEveryCancelReasonHasWordsInEveryLanguage(t *testing.T) {
	given := []booking.CancelReason{booking.Conflict, booking.NotNeeded, booking.OtherReason}
	for tag, w := range map[language.Tag]cancelledWords{language.Japanese: japaneseCancelled, language.English: englishCancelled} {
		if diff := gocmp.Diff(given, slices.Sorted(maps.Keys(w.reasons))); diff != "" {
			t.Errorf("%s: reasons with words (-want +got):\n%s", tag, diff)
		}
		for _, reason := range given {
			b := because(cancelled(accompanied(sample()), booking.ByGuest, ""), reason)
			b.Guest.Language, b.Terms.HostLanguage = tag, tag
			for kind, want := range map[Kind]bool{GuestCancelled: true, HostCancelled: true, AttendeesCancelled: false} {
				m, err := composer(t).Compose(kind, b)
				if err != nil {
					t.Fatal(err)
				}
				if got := strings.Contains(m.Text, w.reasons[reason]) && strings.Contains(m.HTML, w.reasons[reason]); got != want {
					t.Errorf("%s %s: tells %q: %v", tag, kind, reason, got)
				}
			}
		}
	}
}

func TestEveryReminderOfEveryPlanIsAMailOfItsOwn(t *testing.T) {
	once := reminding(sample(), 60)
	replanned := once
	replanned.Revision++
	ids := map[string]bool{}
	for _, b := range []booking.Booking{once, reminding(sample(), 24*60), replanned} {
		first, err := composer(t).Compose(GuestReminder, b)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := composer(t).Compose(GuestReminder, b); err != nil || again.ID != first.ID || ids[first.ID] {
			t.Errorf("%s after %v, again %s: %v", first.ID, ids, again.ID, err)
		}
		ids[first.ID] = true
	}
}

func TestAReminderLeadsNobodyToAMeetingThatIsGone(t *testing.T) {
	b := reminding(differing(sample(), meetingGone), 60)
	m, err := composer(t).Compose(GuestReminder, b)
	if err != nil {
		t.Fatal(err)
	}
	for part, text := range map[string]string{"text": m.Text, "HTML": m.HTML} {
		if strings.Contains(text, "zoom.us") || strings.Contains(text, b.ZoomMeeting.Passcode) {
			t.Errorf("the %s has the dead URL:\n%s", part, text)
		}
		if !strings.Contains(text, japaneseReminder.gone) {
			t.Errorf("the %s does not say so:\n%s", part, text)
		}
	}
}
