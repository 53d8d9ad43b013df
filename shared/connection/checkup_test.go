package connection_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"yakusoku/shared/connection"
	"yakusoku/shared/host"
)

// checked is a setting whose grant was confirmed at noon, with a clock of its own.
type checked struct {
	setting
	*connection.Checkup
	now   time.Time
	calls int // of the token endpoint
}

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func check(t *testing.T) *checked {
	t.Helper()
	s := &checked{setting: set(t, time.Hour), now: noon}
	clock := func() time.Time { return s.now }
	s.keeper.Now = clock
	s.provider.fail = func(http.ResponseWriter) bool { s.calls++; return false }
	s.Checkup = &connection.Checkup{Ledger: s.store, Keeper: s.keeper, Now: clock}
	c := s.stored(t)
	c.CheckedAt = noon
	if err := s.store.Renew(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	return s
}

// runAt looks at what is due that long after noon.
func (s *checked) runAt(t *testing.T, after time.Duration) {
	t.Helper()
	s.now = noon.Add(after)
	if err := s.Run(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAGrantThatNobodyNeedsIsConfirmedOnceADay(t *testing.T) {
	s := check(t)
	s.runAt(t, 22*time.Hour)
	if s.calls != 0 {
		t.Errorf("within the day it was asked for %d times", s.calls)
	}
	s.now = noon.Add(26 * time.Hour)
	var all sync.WaitGroup
	failures := make([]error, 5) // a schedule may call twice, or before the last run has ended
	for i := range failures {
		all.Go(func() { failures[i] = s.Run(t.Context()) })
	}
	all.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
	if got := s.stored(t); s.calls != 1 || !got.CheckedAt.Equal(s.now) || got.Status != connection.Connected {
		t.Errorf("asked for %d times, confirmed at %s, %s", s.calls, got.CheckedAt, got.Status)
	}
	s.runAt(t, 47*time.Hour)
	s.runAt(t, 52*time.Hour)
	if s.calls != 2 {
		t.Errorf("on the second day asked for %d times in all", s.calls)
	}
}

func TestAGrantThatIsUsedIsNotAskedForBesides(t *testing.T) {
	s := check(t)
	s.now = noon.Add(12 * time.Hour)
	if _, _, err := s.keeper.Client(t.Context(), "demo", connection.Zoom); err != nil {
		t.Fatal(err)
	}
	s.runAt(t, 26*time.Hour)
	if s.calls != 1 {
		t.Errorf("asked for %d times, once by its use", s.calls)
	}
}

func TestADeadGrantIsFoundBeforeAGuestDoesAndThenLeftAlone(t *testing.T) {
	s := check(t)
	s.provider.current = 7 // the stored pair is none any more
	s.runAt(t, 26*time.Hour)
	lapsed, err := s.store.Lapsed(t.Context(), 10)
	if got := s.stored(t); err != nil || got.Status != connection.Reauthorize || len(lapsed) != 1 {
		t.Errorf("%s; to be told %v, error %v", got.Status, lapsed, err)
	}
	if h, err := s.store.Host(t.Context(), "demo"); err != nil || h.Connected["zoom"] {
		t.Errorf("listed %v, error %v", h.Connected, err)
	}
	s.runAt(t, 90*time.Hour)
	if s.calls != 1 {
		t.Errorf("asked for %d times", s.calls)
	}
}

func TestTroubleIsNoDeathAndIsAskedAgainMoreAndMoreSeldom(t *testing.T) {
	for name, trouble := range map[string]func(http.ResponseWriter){
		"unavailable": func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) },
		"too many":    func(w http.ResponseWriter) { w.WriteHeader(http.StatusTooManyRequests) },
		"no answer":   func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"our own client": func(w http.ResponseWriter) {
			w.WriteHeader(401)
			_, _ = io.WriteString(w, `{"error":"invalid_client"}`)
		},
		"a page": func(w http.ResponseWriter) { _, _ = io.WriteString(w, "<html>") },
	} {
		t.Run(name, func(t *testing.T) {
			s := check(t)
			s.provider.fail = func(w http.ResponseWriter) bool {
				s.calls++
				trouble(w)
				return true
			}
			var calls []int
			for hours := 26; hours <= 74; hours++ {
				s.runAt(t, time.Duration(hours)*time.Hour)
				s.runAt(t, time.Duration(hours)*time.Hour+time.Minute)
				calls = append(calls, s.calls)
			}
			if calls[0] != 1 || s.calls < 5 || s.calls > 12 {
				t.Errorf("over two days asked for %d times, hour by hour %v", s.calls, calls)
			}
			if got := s.stored(t); got.Status != connection.Connected || !got.CheckedAt.Equal(noon) {
				t.Errorf("%s, confirmed at %s", got.Status, got.CheckedAt)
			}
			s.provider.fail = nil
			s.runAt(t, 81*time.Hour)
			if got := s.stored(t); !got.CheckedAt.Equal(s.now) {
				t.Errorf("once it is over, confirmed at %s", got.CheckedAt)
			}
		})
	}
}

// A connection to a provider whose client was taken away says nothing of its grant.
func TestAGrantOfAProviderWithoutAClientStays(t *testing.T) {
	s := check(t)
	s.keeper.OAuth = map[connection.Provider]*oauth2.Config{}
	s.runAt(t, 26*time.Hour)
	if got := s.stored(t); got.Status != connection.Connected || s.calls != 0 {
		t.Errorf("%s, asked for %d times", got.Status, s.calls)
	}
}

func TestOnesTroubleKeepsNoOtherWaiting(t *testing.T) {
	s := check(t)
	// Another host, whose grant cannot even be read.
	broken := connection.Connection{Host: "broken", Provider: connection.Zoom, Status: connection.Connected, Sealed: []byte("junk"), CheckedAt: noon.Add(-time.Hour)}
	if err := errors.Join(s.store.PutHost(t.Context(), host.Host{Handle: "broken"}), s.store.PutConnection(t.Context(), broken)); err != nil {
		t.Fatal(err)
	}
	s.now = noon.Add(26 * time.Hour)
	if err := s.Run(t.Context()); err == nil {
		t.Error("nobody is told of the trouble")
	}
	if got := s.stored(t); !got.CheckedAt.Equal(s.now) {
		t.Errorf("confirmed at %s", got.CheckedAt)
	}
	s.runAt(t, 26*time.Hour+time.Minute) // it rests
}

func TestAMarkTellsAccountsApartAndNotWhoseTheyAre(t *testing.T) {
	one, other := connection.Account{ID: "NMeISHRSIST6-sd1gqvxvw", Email: "a@example.com"}, connection.Account{ID: "NMeISHRSIST6-sd1gqvxvx"}
	later := connection.Account{ID: one.ID, Email: "b@example.com"}
	if one.Mark() != later.Mark() || one.Mark() == other.Mark() || strings.Contains(one.Mark(), one.ID) {
		t.Errorf("marks %s, %s, %s", one.Mark(), later.Mark(), other.Mark())
	}
	if mark := (connection.Account{}).Mark(); mark != "" {
		t.Errorf("nobody's mark is %q", mark)
	}
}
