package consent_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/local/zoomsim"
	"yakusoku/shared/connection"
	"yakusoku/shared/host"
	"yakusoku/shared/store"
)

const shared = "shared@example.com"

// farewell is a post that keeps whom it told that their connection was deleted.
type farewell struct {
	told  []string
	fails int
	err   error
}

func (f *farewell) Removed(_ context.Context, h host.Host, c connection.Connection) error {
	if f.fails > 0 {
		f.fails--
		return f.err
	}
	f.told = append(f.told, h.Handle+" of "+string(c.Provider)+" since "+c.ConnectedAt.Format(time.DateOnly))
	return nil
}

// clearance follows removals in the scene.
func (s *scene) clearance(post *farewell) *connection.Clearance {
	return &connection.Clearance{Ledger: s.store, Keeper: s.Keeper, Hosts: s.store, Post: post, Now: func() time.Time { return s.now }}
}

// report has Zoom tell that the user removed our app at that time.
func (s *scene) report(t *testing.T, key string, at time.Time) {
	t.Helper()
	err := s.store.Note(t.Context(), connection.Report{
		Key: key, Provider: connection.Zoom, User: zoomsim.UserID(shared), Came: s.now, Removed: true, RemovedAt: at,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// clear follows what was reported half a minute ago.
func (s *scene) clear(t *testing.T, post *farewell) {
	t.Helper()
	s.now = s.now.Add(30 * time.Second)
	if err := s.clearance(post).Run(t.Context()); err != nil {
		t.Error(err)
	}
}

// left is what the table holds of the user, in clear.
func (s *scene) left(t *testing.T) []string {
	t.Helper()
	out, err := s.store.DB.Scan(t.Context(), &dynamodb.ScanInput{TableName: &s.store.Table, ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, it := range out.Items {
		text, err := json.Marshal(it)
		if err != nil {
			t.Fatal(err)
		}
		for _, of := range []string{shared, zoomsim.UserID(shared), `CONN#zoom`} {
			if strings.Contains(string(text), of) {
				all = append(all, string(text))
			}
		}
	}
	return all
}

func TestOfAUserWhoRemovedOurAppNothingIsKept(t *testing.T) {
	s := newScene(t)
	c := s.mustConnect(t, "hanako", connection.Zoom, shared)
	if len(s.left(t)) == 0 {
		t.Fatal("nothing is stored of the account: the test shows nothing")
	}
	s.now = s.now.Add(48 * time.Hour)
	if _, err := s.zoom.RemoveApp(shared); err != nil {
		t.Fatal(err)
	}
	var post farewell
	for range 2 {
		s.report(t, "one", s.now)
	}
	s.report(t, "two", s.now) // of the same removal, told in other words
	for range 3 {
		s.clear(t, &post)
	}
	if left := s.left(t); len(left) > 0 {
		t.Errorf("left of the account: %v", left)
	}
	if _, err := s.store.Connection(t.Context(), "hanako", connection.Zoom); !connection.Lost(err) {
		t.Errorf("the connection: %v", err)
	}
	if h, err := s.store.Host(t.Context(), "hanako"); err != nil || h.Connected["zoom"] {
		t.Errorf("listed %v, error %v", h.Connected, err)
	}
	if diff := cmp.Diff([]string{"hanako of zoom since " + c.ConnectedAt.Format(time.DateOnly)}, post.told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	s.mustConnect(t, "hanako", connection.Zoom, shared)
	s.report(t, "one", s.now) // repeated by Zoom
	s.clear(t, &post)
	if err := s.works(t, "hanako"); err != nil || len(post.told) != 1 {
		t.Errorf("connected again: %v, told %v", err, post.told)
	}
}

// A removal ends the connection that was there, and no later one; the clocks of two
// companies do not tell minutes apart, the provider does.
func TestARemovalEndsTheConnectionThatWasThereOnly(t *testing.T) {
	tests := []struct {
		name  string
		after time.Duration // of the removal, after the connection; zero: not said
		alive bool
		gone  bool
	}{
		{"a day later", 24 * time.Hour, false, true},
		{"a day later, though somebody has a grant of theirs", 24 * time.Hour, true, true},
		{"a day earlier", -24 * time.Hour, true, false},
		{"a day earlier, though the grant is dead", -24 * time.Hour, false, false},
		{"a minute later", time.Minute, false, true},
		{"a minute later, and the grant lives", time.Minute, true, false},
		{"a minute earlier", -time.Minute, true, false},
		{"a minute earlier, and the grant is dead", -time.Minute, false, true},
		{"nobody knows when", 0, false, true},
		{"nobody knows when, and the grant lives", 0, true, false},
	}
	for _, dead := range []bool{false, true} {
		for _, test := range tests {
			if dead && test.alive {
				continue
			}
			t.Run(fmt.Sprintf("%s, known to be dead %v", test.name, dead), func(t *testing.T) {
				s := newScene(t)
				c := s.mustConnect(t, "hanako", connection.Zoom, shared)
				if !test.alive {
					if _, err := s.zoom.EndGrant(shared); err != nil {
						t.Fatal(err)
					}
				}
				if dead {
					if err := s.works(t, "hanako"); !connection.Lost(err) {
						t.Fatal(err)
					}
				}
				at := time.Time{}
				if test.after != 0 {
					at = c.ConnectedAt.Add(test.after)
				}
				s.now = s.now.Add(49 * time.Hour) // it is told late
				s.report(t, "one", at)
				var post farewell
				s.clear(t, &post)
				_, err := s.store.Connection(t.Context(), "hanako", connection.Zoom)
				if connection.Lost(err) != test.gone || len(post.told) != map[bool]int{true: 1}[test.gone] {
					t.Errorf("the connection: %v, told %v", err, post.told)
				}
				due, err := s.store.Removals(t.Context(), s.now.AddDate(1, 0, 0), 10)
				if err != nil || len(due) > 0 {
					t.Errorf("still to be followed: %v, error %v", due, err)
				}
				if err := s.works(t, "hanako"); test.alive && !test.gone && err != nil {
					t.Errorf("it does not work any more: %v", err)
				}
			})
		}
	}
}

// Where only the provider can tell, its silence is waited for.
func TestInDoubtNothingIsDeletedBeforeTheProviderSpeaks(t *testing.T) {
	s := newScene(t)
	c := s.mustConnect(t, "hanako", connection.Zoom, shared)
	behind, err := url.Parse(s.Keeper.OAuth[connection.Zoom].Endpoint.TokenURL)
	if err != nil {
		t.Fatal(err)
	}
	silent, proxy := true, httputil.NewSingleHostReverseProxy(&url.URL{Scheme: behind.Scheme, Host: behind.Host})
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if silent {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	defer front.Close()
	s.Keeper.OAuth[connection.Zoom] = connection.ZoomOAuth(zoomsim.DefaultClientID, zoomsim.DefaultClientSecret, front.URL)
	if _, err := s.zoom.EndGrant(shared); err != nil {
		t.Fatal(err)
	}
	s.report(t, "one", c.ConnectedAt.Add(time.Minute))
	var post farewell
	s.now = s.now.Add(30 * time.Second)
	if err := s.clearance(&post).Run(t.Context()); err == nil {
		t.Error("nobody is told that the provider is silent")
	}
	if got, err := s.store.Connection(t.Context(), "hanako", connection.Zoom); err != nil || got.Status != connection.Connected {
		t.Errorf("meanwhile %s, error %v", got.Status, err)
	}
	s.clear(t, &post) // it rests
	silent = false
	s.now = s.now.Add(time.Minute)
	s.clear(t, &post)
	if _, err := s.store.Connection(t.Context(), "hanako", connection.Zoom); !connection.Lost(err) || len(post.told) != 1 {
		t.Errorf("then: %v, told %v", err, post.told)
	}
}

// meanwhile is a ledger in which something happens just before the deletion.
type meanwhile struct {
	*store.Store
	happens func()
}

func (m *meanwhile) Remove(ctx context.Context, c connection.Connection, r connection.Removal) error {
	if m.happens != nil {
		m.happens()
		m.happens = nil
	}
	return m.Store.Remove(ctx, c, r)
}

func TestTheDeletionMeetsThePresentConnectionOnly(t *testing.T) {
	t.Run("the host connected again", func(t *testing.T) {
		s := newScene(t)
		s.mustConnect(t, "hanako", connection.Zoom, shared)
		s.now = s.now.Add(24 * time.Hour)
		s.report(t, "one", s.now)
		s.now = s.now.Add(6 * time.Minute)
		var post farewell
		clearance := s.clearance(&post)
		clearance.Ledger = &meanwhile{s.store, func() { s.mustConnect(t, "hanako", connection.Zoom, shared) }}
		if err := clearance.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.works(t, "hanako"); err != nil || len(post.told) > 0 {
			t.Errorf("after the host came back: %v, told %v", err, post.told)
		}
	})
	t.Run("another deleted it", func(t *testing.T) {
		s := newScene(t)
		s.mustConnect(t, "hanako", connection.Zoom, shared)
		s.now = s.now.Add(24 * time.Hour)
		s.report(t, "one", s.now)
		s.now = s.now.Add(time.Minute)
		var post, others farewell
		clearance := s.clearance(&post)
		clearance.Ledger = &meanwhile{s.store, func() {
			if err := s.clearance(&others).Run(t.Context()); err != nil {
				t.Error(err)
			}
		}}
		if err := clearance.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left := s.left(t); len(left) > 0 || len(others.told) != 1 || len(post.told) > 0 {
			t.Errorf("left %v, told %v and %v", left, others.told, post.told)
		}
	})
	t.Run("the host disconnected", func(t *testing.T) {
		s := newScene(t)
		s.mustConnect(t, "hanako", connection.Zoom, shared)
		s.now = s.now.Add(24 * time.Hour)
		s.report(t, "one", s.now) // our own revocation is told too
		if err := s.Disconnect(t.Context(), "hanako", connection.Zoom); err != nil {
			t.Fatal(err)
		}
		var post farewell
		s.clear(t, &post)
		if left := s.left(t); len(left) > 0 || len(post.told) > 0 {
			t.Errorf("left %v, told %v", left, post.told)
		}
	})
}

func TestTheHostIsToldThoughTheMailTakesTime(t *testing.T) {
	tests := []struct {
		name string
		post farewell
		told int
	}{
		{"the post is away for a while", farewell{fails: 3, err: errors.New("the post is away")}, 1},
		{"there is no such mailbox", farewell{fails: 1, err: &connection.Undeliverable{Err: errors.New("no such mailbox")}}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			s.mustConnect(t, "hanako", connection.Zoom, shared)
			s.now = s.now.Add(24 * time.Hour)
			s.report(t, "one", s.now)
			for range 60 {
				s.now = s.now.Add(time.Minute)
				_ = s.clearance(&test.post).Run(t.Context()) // says that the post is away
				if left := s.left(t); len(left) > 0 {
					t.Fatalf("until the mail is out, left: %v", left)
				}
			}
			due, err := s.store.Removals(t.Context(), s.now.AddDate(1, 0, 0), 10)
			if err != nil || len(due) > 0 || len(test.post.told) != test.told || test.post.fails > 0 {
				t.Errorf("due %v, error %v, told %v", due, err, test.post.told)
			}
		})
	}
}

// The first host's books said that the account is theirs after its user had taken
// that back: the second host's consent went to the first.
func TestAnAccountTakenBackFromOneHostIsTheNextOnes(t *testing.T) {
	for name, learn := range map[string]func(t *testing.T, s *scene){
		"Zoom tells": func(t *testing.T, s *scene) {
			if _, err := s.zoom.RemoveApp(shared); err != nil {
				t.Fatal(err)
			}
			s.report(t, "one", s.now)
			s.clear(t, new(farewell))
		},
		"nobody tells": func(t *testing.T, s *scene) {
			if _, err := s.zoom.EndGrant(shared); err != nil {
				t.Fatal(err)
			}
			s.now = s.now.Add(26 * time.Hour)
			checkup := &connection.Checkup{Ledger: s.store, Keeper: s.Keeper, Now: func() time.Time { return s.now }}
			if err := checkup.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
		"Zoom tells after the second host has tried": func(t *testing.T, s *scene) {
			if _, err := s.zoom.RemoveApp(shared); err != nil {
				t.Fatal(err)
			}
			s.report(t, "one", s.now)
			_, err := s.connect(t, "jiro", connection.Zoom, allow(shared))
			wantRefused(t, err, connection.AccountInUse)
			s.clear(t, new(farewell))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.mustConnect(t, "hanako", connection.Zoom, shared)
			s.now = s.now.Add(24 * time.Hour)
			learn(t, s)
			s.mustConnect(t, "jiro", connection.Zoom, shared)
			if err := s.works(t, "jiro"); err != nil {
				t.Errorf("the second host: %v", err)
			}
			if err := s.works(t, "hanako"); !connection.Lost(err) {
				t.Errorf("the first host acts by the second one's consent: %v", err)
			}
		})
	}
}

// A host who lost an account to another is not the one to whom its user's removal
// leads: nothing of the account must be left there by then.
func TestAHostWhoLostAnAccountKeepsNothingOfIt(t *testing.T) {
	s := newScene(t)
	s.mustConnect(t, "hanako", connection.Zoom, shared)
	if _, err := s.zoom.EndGrant(shared); err != nil {
		t.Fatal(err)
	}
	if err := s.works(t, "hanako"); !connection.Lost(err) {
		t.Fatal(err)
	}
	s.mustConnect(t, "jiro", connection.Zoom, shared)
	c, err := s.store.Connection(t.Context(), "hanako", connection.Zoom)
	if err != nil || c.Status != connection.Reauthorize || c.Account != (connection.Account{}) || c.Sealed != nil {
		t.Errorf("the first host: %+v, error %v", c.Account, err)
	}
	s.now = s.now.Add(24 * time.Hour)
	s.report(t, "one", s.now)
	var post farewell
	s.clear(t, &post)
	for _, of := range s.left(t) {
		if strings.Contains(of, shared) || strings.Contains(of, zoomsim.UserID(shared)) {
			t.Errorf("left: %s", of)
		}
	}
	if len(post.told) != 1 || !strings.HasPrefix(post.told[0], "jiro") {
		t.Errorf("told %v", post.told)
	}
	s.mustConnect(t, "hanako", connection.Zoom, shared)
	if err := s.works(t, "hanako"); err != nil {
		t.Errorf("the first host, connected again: %v", err)
	}
}
