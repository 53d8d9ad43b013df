package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"path"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/function"
	"yakusoku/shared/booking"
	"yakusoku/shared/connection"
	"yakusoku/shared/host"
	"yakusoku/shared/mirror"
	"yakusoku/shared/page"
	"yakusoku/shared/store"
	"yakusoku/shared/store/storetest"
)

// What a function is narrowed to is what its job touches: nothing of that is refused,
// and nothing else is allowed.
func TestFunctionsTouchTheKeysThatTheyAreNarrowedTo(t *testing.T) {
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	jobs := map[string]func(*testing.T, *store.Store) error{
		function.BookingPage: func(t *testing.T, s *store.Store) error {
			desk := &booking.Desk{Ledger: s, Now: func() time.Time { return now }}
			_, shown := desk.Page(t.Context(), "demo", "intro")
			_, offered := desk.Slots(t.Context(), "demo", "intro", now, now.AddDate(0, 0, 31))
			return errors.Join(shown, offered)
		},
		function.Site: func(t *testing.T, s *store.Store) error {
			desk := &booking.Desk{Ledger: s, Now: func() time.Time { return now }}
			_, offered := desk.Slots(t.Context(), "demo", "intro", now, now.AddDate(0, 0, 31))
			if _, err := desk.OwnSlots(t.Context(), "abc", "token", now, now); !errors.As(err, new(*booking.NotFound)) {
				return err
			}
			return offered
		},
		function.Webhook: func(t *testing.T, s *store.Store) error {
			bell := mirror.Key{Host: "demo", Calendar: "google/primary"}
			_, _, _, read := s.BellOf(t.Context(), bell)
			report := connection.Report{Key: "k1", Provider: connection.Zoom, User: "u1", Came: now}
			removal := connection.Report{Key: "k2", Provider: connection.Zoom, User: "u1", Came: now, Removed: true}
			return errors.Join(read, s.Ring(t.Context(), bell, now, true), s.AuditDue(t.Context(), "demo", now),
				s.Note(t.Context(), report), s.Note(t.Context(), removal))
		},
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(leadingKeys)), slices.Sorted(maps.Keys(jobs))); diff != "" {
		t.Errorf("functions (-narrowed +tried):\n%s", diff)
	}
	for name, job := range jobs {
		t.Run(name, func(t *testing.T) {
			s := storetest.New(t)
			plant(t, s)
			seen := &witness{HTTPClient: s.DB.Options().HTTPClient, touched: map[string]bool{}}
			s.DB = dynamodb.New(s.DB.Options(), func(o *dynamodb.Options) { o.HTTPClient = seen })
			if err := errors.Join(s.Reach(t.Context()), job(t, s)); err != nil {
				t.Fatal(err)
			}
			used := map[string]bool{}
			for key := range seen.touched {
				fits := ""
				for _, pattern := range leadingKeys[name] {
					if ok, err := path.Match(pattern, key); err != nil {
						t.Fatal(err)
					} else if ok {
						fits = pattern
					}
				}
				if used[fits] = true; fits == "" {
					t.Errorf("%s is refused", key)
				}
			}
			for _, pattern := range leadingKeys[name] {
				if !used[pattern] {
					t.Errorf("%s is allowed, and not needed", pattern)
				}
			}
		})
	}
}

func plant(t *testing.T, s *store.Store) {
	t.Helper()
	lock := map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "ZOOM#u1"}, "sk": &types.AttributeValueMemberS{Value: "LOCK"},
		"host": &types.AttributeValueMemberS{Value: "demo"},
	}
	_, err := s.DB.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &s.Table, Item: lock})
	if err := errors.Join(err,
		s.PutHost(t.Context(), host.Host{Handle: "demo", Name: "Demo", TimeZone: "Asia/Tokyo"}),
		s.PutPage(t.Context(), page.Page{Host: "demo", Slug: "intro", Title: "Intro", Published: true, TimeZone: "Asia/Tokyo", DurationMinutes: 30, SlotIntervalMinutes: 30, HorizonDays: 30}),
	); err != nil {
		t.Fatal(err)
	}
	if owner, err := s.Owner(t.Context(), connection.Zoom, "u1"); err != nil || owner != "demo" {
		t.Fatalf("the lock is %q's: %v", owner, err)
	}
}

// witness sees the partition keys of every request to DynamoDB.
type witness struct {
	dynamodb.HTTPClient
	touched map[string]bool
}

func (k *witness) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var request any
	if err := json.Unmarshal(body, &request); err != nil {
		return nil, err
	}
	k.find(request)
	return k.HTTPClient.Do(r)
}

// find looks for pk wherever a key or an item may stand.
func (k *witness) find(v any) {
	switch v := v.(type) {
	case map[string]any:
		if pk, ok := dig(v, "pk", "S").(string); ok {
			k.touched[pk] = true
		}
		for _, inner := range v {
			k.find(inner)
		}
	case []any:
		for _, inner := range v {
			k.find(inner)
		}
	}
}

func TestNarrowingIsInThePolicy(t *testing.T) {
	tpl := mustProd(t)
	for name, want := range leadingKeys {
		role := dig(tpl.Resources[tpl.functionID(t, name)].Properties["Role"], "Fn::GetAtt", 0)
		narrowed := false
		for _, policy := range tpl.all("AWS::IAM::Policy") {
			if dig(policy.Properties["Roles"], 0, "Ref") != role {
				continue
			}
			for _, s := range list(dig(policy.Properties["PolicyDocument"], "Statement")) {
				if !slices.ContainsFunc(list(dig(s, "Action")), func(a any) bool { return a == "dynamodb:GetItem" }) {
					continue
				}
				var got []string
				for _, key := range list(dig(s, "Condition", "ForAllValues:StringLike", "dynamodb:LeadingKeys")) {
					got = append(got, key.(string))
				}
				if diff := cmp.Diff(want, got); diff != "" || dig(s, "Condition", "Null", "dynamodb:LeadingKeys") != "false" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
				narrowed = true
			}
		}
		if !narrowed {
			t.Errorf("%s reads nothing", name)
		}
	}
}
