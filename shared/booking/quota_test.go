package booking_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/host"
	"yakusoku/shared/language"
	"yakusoku/shared/page"
)

// each asks for the n-th half hour after ten, as somebody of their own.
func each(n int) booking.Submission {
	s := ask(fmt.Sprint("k", n))
	s.Start = ten.Add(time.Duration(n) * time.Hour)
	s.Guest.Email = fmt.Sprintf("guest%d@example.com", n)
	s.Address = fmt.Sprintf("192.0.2.%d", n)
	return s
}

func TestAnHourTakesNoMoreThanItsLimits(t *testing.T) {
	tests := []struct {
		name   string
		limits booking.Limits
		same   func(*booking.Submission) // what the submissions have in common
	}{
		{"from an address", booking.Limits{PerAddress: 2}, func(s *booking.Submission) { s.Address = "192.0.2.1" }},
		{"from an IPv6 network", booking.Limits{PerAddress: 2}, func(s *booking.Submission) {
			s.Address = "2001:db8:0:1::" + s.Key[1:]
		}},
		{"for a mail address, however it is written", booking.Limits{PerEmail: 2}, func(s *booking.Submission) {
			s.Guest.Email = map[string]string{"k0": "taro@example.com", "k1": "Taro@example.com", "k2": "taro@EXAMPLE.com"}[s.Key]
		}},
		{"on a page", booking.Limits{PerPage: 2}, func(*booking.Submission) {}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := open(t)
			o.Limits = test.limits
			var first booking.Receipt
			for n := range 3 {
				s := each(n)
				test.same(&s)
				if n == 2 {
					limited := mustBe[*booking.RateLimited](t, o, s)
					if diff := cmp.Diff(&booking.RateLimited{Until: now.Add(time.Hour)}, limited); diff != "" {
						t.Errorf("until (-want +got):\n%s", diff)
					}
					continue
				}
				if r := mustSubmit(t, o, s); n == 0 {
					first = r
				}
			}
			// A repeat is no further booking, and the next hour is a new one.
			s := each(0)
			test.same(&s)
			if diff := cmp.Diff(first, mustSubmit(t, o, s)); diff != "" {
				t.Errorf("repeat (-first +got):\n%s", diff)
			}
			o.Now = func() time.Time { return now.Add(time.Hour) }
			s = each(2)
			test.same(&s)
			mustSubmit(t, o, s)
		})
	}
}

func TestWhatIsNotBookedDoesNotCount(t *testing.T) {
	o := open(t)
	o.Limits = booking.Limits{PerAddress: 1, PerEmail: 1, PerPage: 1}
	closed := each(1)
	closed.Start = ten.Add(-12 * time.Hour)
	mustBe[*booking.SlotNotOpen](t, o, closed)
	mustSubmit(t, o, each(1))
}

// The same address of mail in one rush: no reading beforehand decides.
func TestTheLimitOfAMailAddressHoldsInARush(t *testing.T) {
	o := open(t)
	o.Limits.PerEmail = 3
	accepted := make(chan bool, 6)
	for n := range cap(accepted) {
		go func() {
			s := each(n)
			s.Guest.Email = "victim@example.com"
			_, err := o.Submit(t.Context(), s)
			accepted <- err == nil
		}()
	}
	got := 0
	for range cap(accepted) {
		if <-accepted {
			got++
		}
	}
	if got != 3 {
		t.Errorf("%d bookings were taken, want 3", got)
	}
}

func TestAFormIsNotFilledInFasterThanAPersonCan(t *testing.T) {
	o := open(t)
	s := each(0)
	quick, slow := 500*time.Millisecond, 2*time.Second
	s.FilledIn = &quick
	limited := mustBe[*booking.RateLimited](t, o, s)
	if want := now.Add(1500 * time.Millisecond); !limited.Until.Equal(want) {
		t.Errorf("until %s, want %s", limited.Until, want)
	}
	s.FilledIn = &slow
	mustSubmit(t, o, s)
}

// post keeps the codes instead of mailing them.
type post struct{ letters []booking.CodeLetter }

func (p *post) SendCode(_ context.Context, l booking.CodeLetter) error {
	p.letters = append(p.letters, l)
	return nil
}

func TestACodeByMailOpensAPageThatAsksForIt(t *testing.T) {
	verified := func(_ *host.Host, p *page.Page) { p.VerifyEmail = true }
	request := booking.CodeRequest{Host: "demo", Page: "intro", Email: "taro@example.com", Language: language.Japanese, Address: "192.0.2.1"}
	send := func(t *testing.T, o office) booking.CodeLetter {
		t.Helper()
		p := &post{}
		o.Codes = p
		if err := o.SendCode(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		return p.letters[0]
	}
	with := func(code string) booking.Submission {
		s := ask("k1")
		s.Code = code
		return s
	}
	refused := func(code booking.FieldCode) *booking.Invalid {
		return &booking.Invalid{Fields: []booking.FieldProblem{{Field: "code", Code: code}}}
	}

	t.Run("the code that was sent", func(t *testing.T) {
		o := open(t, verified)
		letter := send(t, o)
		want := booking.CodeLetter{Email: "taro@example.com", Language: language.Japanese, Title: "初回相談", HostName: "約束 花子", Code: letter.Code}
		if diff := cmp.Diff(want, letter); diff != "" || len(letter.Code) != 6 {
			t.Errorf("letter (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(refused(booking.Missing), mustBe[*booking.Invalid](t, o, with(""))); diff != "" {
			t.Errorf("without a code (-want +got):\n%s", diff)
		}
		wrong := letter.Code[1:] + "x"
		if diff := cmp.Diff(refused(booking.WrongCode), mustBe[*booking.Invalid](t, o, with(wrong))); diff != "" {
			t.Errorf("with a wrong code (-want +got):\n%s", diff)
		}
		other := with(letter.Code)
		other.Guest.Email = "mallory@example.com"
		if diff := cmp.Diff(refused(booking.WrongCode), mustBe[*booking.Invalid](t, o, other)); diff != "" {
			t.Errorf("with somebody else's (-want +got):\n%s", diff)
		}
		o.Now = func() time.Time { return now.Add(booking.CodeValid) }
		mustSubmit(t, o, with(letter.Code))
	})
	t.Run("a code that is too old", func(t *testing.T) {
		o := open(t, verified)
		letter := send(t, o)
		o.Now = func() time.Time { return now.Add(2 * booking.CodeValid) }
		mustBe[*booking.Invalid](t, o, with(letter.Code))
	})
	t.Run("guessing", func(t *testing.T) {
		o := open(t, verified)
		letter := send(t, o)
		for range 10 {
			mustBe[*booking.Invalid](t, o, with("wrong"))
		}
		mustBe[*booking.RateLimited](t, o, with(letter.Code))
	})
	t.Run("mails that nobody asked for", func(t *testing.T) {
		o := open(t, verified)
		for range 5 {
			send(t, o)
		}
		err := o.SendCode(t.Context(), request)
		if _, ok := errors.AsType[*booking.RateLimited](err); !ok {
			t.Errorf("a sixth code: %v", err)
		}
	})
	t.Run("a page that asks for none", func(t *testing.T) {
		o := open(t)
		err := o.SendCode(t.Context(), request)
		if _, ok := errors.AsType[*booking.NotAccepting](err); !ok {
			t.Errorf("got %v", err)
		}
	})
}

func TestAPageGetsTheDetailsThatItAsksFor(t *testing.T) {
	consent := page.Consent{Text: "同意します", URL: "https://example.com/privacy", Version: "2"}
	o := open(t, func(_ *host.Host, p *page.Page) { p.Phone, p.MaxCoAttendees, p.Consent = page.Needed, 1, consent })
	s := ask("k1")
	s.Consent = "1"
	s.Guest.CoAttendees = []string{"a@example.com", "b@example.com"}
	want := &booking.Invalid{Fields: []booking.FieldProblem{
		{Field: "consent", Code: booking.ConsentChanged},
		{Field: "guest.coAttendees", Code: booking.TooMany},
		{Field: "guest.phone", Code: booking.Missing},
	}}
	if diff := cmp.Diff(want, mustBe[*booking.Invalid](t, o, s)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	s.Consent = ""
	if got := mustBe[*booking.Invalid](t, o, s); got.Fields[0].Code != booking.Missing {
		t.Errorf("without consent: %v", got.Fields)
	}

	s.Consent, s.Guest.Phone, s.Guest.CoAttendees = "2", "03-1234-5678", s.Guest.CoAttendees[:1]
	r := mustSubmit(t, o, s)
	b, err := o.View(t.Context(), r.ID, r.Token)
	kept := &booking.Consent{Version: "2", Text: consent.Text, URL: consent.URL, At: now}
	if diff := cmp.Diff(kept, b.Consent); err != nil || diff != "" {
		t.Errorf("consent: %v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(s.Guest, b.Guest); diff != "" {
		t.Errorf("guest (-want +got):\n%s", diff)
	}
}
