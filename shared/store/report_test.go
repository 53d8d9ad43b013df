package store_test

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/connection"
	"yakusoku/shared/host"
	"yakusoku/shared/store"
	"yakusoku/shared/store/storetest"
)

// withZoom is a table in which host demo has connected Zoom as user u1, long ago.
func withZoom(t *testing.T) *store.Store {
	t.Helper()
	s := storetest.New(t)
	err := errors.Join(
		s.PutHost(t.Context(), host.Host{Handle: "demo"}),
		s.Link(t.Context(), connection.Connection{
			Host: "demo", Provider: connection.Zoom, Status: connection.Connected, Account: connection.Account{ID: "u1", Email: "demo@example.com"},
			Sealed: []byte("first"), ConnectedAt: noon.AddDate(0, -1, 0), CheckedAt: noon,
		}, connection.Account{}),
	)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func changed(key string) connection.Report {
	return connection.Report{Key: key, Provider: connection.Zoom, User: "u1", Came: noon}
}

func removed(key string) connection.Report {
	r := changed(key)
	r.Removed, r.RemovedAt = true, noon.Add(-time.Minute)
	return r
}

// rings counts how often demo's audit was made due.
func rings(t *testing.T, s *store.Store) int {
	t.Helper()
	n, _ := found(t, s, "HOST#demo", "AUDIT")["rings"].(*types.AttributeValueMemberN)
	if n == nil {
		return 0
	}
	count, err := strconv.Atoi(n.Value)
	if err != nil {
		t.Fatal(err)
	}
	return count
}

func TestAChangeIsFollowedOnceHoweverOftenItIsReported(t *testing.T) {
	s := withZoom(t)
	connected := rings(t, s)
	var all sync.WaitGroup
	failures := make([]error, 8)
	for i := range failures {
		all.Go(func() { failures[i] = s.Note(t.Context(), changed("one")) })
	}
	all.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
	if got := rings(t, s) - connected; got != 1 {
		t.Errorf("made due %d times", got)
	}
	if due := dueFor(t, s, noon); len(due) != 1 || due[0] != "demo" {
		t.Errorf("due %v", due)
	}
	if err := s.Note(t.Context(), changed("two")); err != nil {
		t.Fatal(err)
	}
	if got := rings(t, s) - connected; got != 2 {
		t.Errorf("after another report made due %d times", got)
	}
}

func TestARemovalWaitsUntilItIsFollowed(t *testing.T) {
	s := withZoom(t)
	for range 3 {
		if err := s.Note(t.Context(), removed("one")); err != nil {
			t.Fatal(err)
		}
	}
	if early, err := s.Removals(t.Context(), noon, 10); err != nil || len(early) > 0 {
		t.Errorf("at once: %v, error %v", early, err)
	}
	got, err := s.Removals(t.Context(), noon.Add(10*time.Second), 10)
	want := []connection.Removal{{Key: "one", Provider: connection.Zoom, User: "u1", At: noon.Add(-time.Minute), Came: noon}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	if found(t, s, "REPORT#one", "REPORT")["expires"] != nil {
		t.Error("it is forgotten before it was followed")
	}
}

func TestAReportAboutNobodyHereLeavesNothing(t *testing.T) {
	s := withZoom(t)
	before := len(everything(t, s))
	for _, r := range []connection.Report{changed("one"), removed("two")} {
		r.User = "u2"
		if err := s.Note(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if after := len(everything(t, s)); after != before {
		t.Errorf("%d items more", after-before)
	}
}

// Zoom waits for three seconds: a report is one reading and one write.
func TestAReportIsTwoCalls(t *testing.T) {
	for name, r := range map[string]connection.Report{"a change": changed("one"), "a removal": removed("one"), "nobody's": {Key: "one", Provider: connection.Zoom, User: "u2", Came: noon}} {
		s := withZoom(t)
		counted := &counter{next: http.DefaultTransport}
		options := s.DB.Options()
		options.HTTPClient = &http.Client{Transport: counted}
		s.DB = dynamodb.New(options)
		for range 2 { // again is no dearer
			counted.calls = 0
			if err := s.Note(t.Context(), r); err != nil || counted.calls > 2 {
				t.Errorf("%s: %d calls, error %v", name, counted.calls, err)
			}
		}
	}
}

type counter struct {
	next  http.RoundTripper
	calls int
}

func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	c.calls++
	return c.next.RoundTrip(r)
}

// Whoever is told that a report was not taken comes again: it must not be known then
// unless all that follows from it is due.
func TestAReportIsKeptWithWhatFollowsOrNotAtAll(t *testing.T) {
	for call := 1; call <= 2; call++ {
		s := withZoom(t)
		connected := rings(t, s)
		dying := s.DB.Options()
		dying.RetryMaxAttempts = 1
		for _, r := range []connection.Report{changed("one"), removed("two")} {
			dying.HTTPClient = &http.Client{Transport: &deadAt{call: call}}
			if err := (&store.Store{Table: s.Table, DB: dynamodb.New(dying)}).Note(t.Context(), r); err == nil {
				t.Fatalf("call %d was cut off, and nobody was told", call)
			}
			if err := s.Note(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		removals, err := s.Removals(t.Context(), noon.Add(time.Minute), 10)
		if err != nil || len(removals) != 1 || rings(t, s) == connected {
			t.Errorf("cut off at call %d: removals %v, error %v, made due %d times", call, removals, err, rings(t, s))
		}
	}
}

// deadAt cuts a call off before it arrives, and all that come after it.
type deadAt struct{ call, made int }

func (d *deadAt) RoundTrip(r *http.Request) (*http.Response, error) {
	if d.made++; d.made >= d.call {
		return nil, errors.New("killed")
	}
	return http.DefaultTransport.RoundTrip(r)
}

// everything is all that the table holds.
func everything(t *testing.T, s *store.Store) []map[string]types.AttributeValue {
	t.Helper()
	out, err := s.DB.Scan(t.Context(), &dynamodb.ScanInput{TableName: &s.Table, ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Items
}

// found is the item of that key; nil if there is none.
func found(t *testing.T, s *store.Store, pk, sk string) map[string]types.AttributeValue {
	t.Helper()
	out, err := s.DB.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &s.Table, ConsistentRead: aws.Bool(true), Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}
