package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/hook"
	"yakusoku/shared/httpapi"
)

// Seal is the office's vault: enough to see that nothing is kept as it is shown.
func (o *office) Seal(_ context.Context, plain []byte, purpose string) ([]byte, error) {
	return fmt.Appendf(nil, "sealed for %s: %d bytes", purpose, len(plain)), nil
}

// delivered stores a delivery of the hook's, whose news is of that minute from
// monday.
func (o *office) delivered(t *testing.T, handle, id string, minute int) hook.Delivery {
	t.Helper()
	at := monday.Add(time.Duration(minute) * time.Minute)
	d := hook.Delivery{
		Key: hook.Key{
			Host: handle, Hook: id,
			ID: hook.DeliveryID(id, fmt.Sprint("b", minute), booking.News{Number: 1, At: at}),
		},
		Kind: booking.NewsConfirmed, Booking: fmt.Sprint("b", minute), CreatedAt: at, Expires: at.AddDate(0, 1, 0),
		Body: `{"to":"taro@example.com"}`, Status: hook.Failed, Tries: 3,
		Attempts: []hook.Attempt{{At: at, Word: hook.TimedOut, Millis: 10000}, {At: at.Add(time.Minute), Status: 500, Millis: 12}},
	}
	if err := o.store.AddDelivery(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	return d
}

func (o *office) hook(t *testing.T, handle string) httpapi.HookRow {
	t.Helper()
	r := o.as(t, handle, "POST", "/api/host/hooks", map[string]any{"url": "https://receiver.example/path?key=1"})
	if r.Status != http.StatusCreated {
		t.Fatalf("make a hook: %d %s", r.Status, r.Text)
	}
	var row httpapi.HookRow
	r.into(t, &row)
	return row
}

func (o *office) hooks(t *testing.T, handle string) []httpapi.HookRow {
	t.Helper()
	var list httpapi.HookList
	o.as(t, handle, "GET", "/api/host/hooks", nil).into(t, &list)
	return list.Hooks
}

func TestAHookIsMadeChangedAndDeletedAndItsSecretShownOnce(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	r := o.as(t, "hanako", "POST", "/api/host/hooks", map[string]any{"url": "https://receiver.example/path", "events": []string{"booking.cancelled", "booking.confirmed"}, "format": "slack"})
	var made httpapi.HookRow
	r.into(t, &made)
	if r.Status != http.StatusCreated || r.Header["Location"] != "/api/host/hooks/"+made.ID || !strings.HasPrefix(made.Secret, "whsec_") || len(made.Secret) != len("whsec_")+44 {
		t.Fatalf("made: %d %v %s", r.Status, r.Header, r.Text)
	}
	want := httpapi.HookRow{
		ID: made.ID, URL: "https://receiver.example/path", Format: hook.Slack, Active: true, CreatedAt: made.CreatedAt,
		Events: []booking.NewsKind{booking.NewsConfirmed, booking.NewsCancelled},
	}
	if diff := cmp.Diff([]httpapi.HookRow{want}, o.hooks(t, "hanako")); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	if stored, err := o.store.Hook(t.Context(), "hanako", made.ID); err != nil || strings.Contains(string(stored.Secrets[0].Sealed), made.Secret) {
		t.Errorf("stored: %+v %v", stored, err)
	}

	r = o.as(t, "hanako", "PUT", "/api/host/hooks/"+made.ID, map[string]any{"url": "https://other.example/", "active": false})
	want.URL, want.Active, want.Events = "https://other.example/", false, hook.Kinds
	var changed httpapi.HookRow
	r.into(t, &changed)
	if diff := cmp.Diff(want, changed); r.Status != http.StatusOK || diff != "" {
		t.Errorf("changed: %d (-want +got):\n%s", r.Status, diff)
	}

	var another httpapi.HookSecret
	r = o.as(t, "hanako", "POST", "/api/host/hooks/"+made.ID+"/secret", nil)
	r.into(t, &another)
	if r.Status != http.StatusOK || another.Secret == made.Secret || !strings.HasPrefix(another.Secret, "whsec_") {
		t.Errorf("another secret: %d %s", r.Status, r.Text)
	}
	o.delivered(t, "hanako", made.ID, 1)
	if r := o.as(t, "hanako", "DELETE", "/api/host/hooks/"+made.ID, nil); r.Status != http.StatusNoContent {
		t.Errorf("deleted: %d %s", r.Status, r.Text)
	}
	if left, _, err := o.store.Deliveries(t.Context(), "hanako", made.ID, "", 10); err != nil || len(left) > 0 || len(o.hooks(t, "hanako")) > 0 {
		t.Errorf("left: %v, error %v", left, err)
	}
}

func TestAHookThatIsWrongIsToldFieldByField(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	made := o.hook(t, "hanako")
	good := "https://receiver.example/"
	for name, c := range map[string]struct {
		body map[string]any
		want map[string]string
	}{
		"no address":           {map[string]any{}, map[string]string{"url": "required"}},
		"an empty one":         {map[string]any{"url": ""}, map[string]string{"url": "required"}},
		"no address of ours":   {map[string]any{"url": "ftp://receiver.example"}, map[string]string{"url": "wrong_format"}},
		"plain http":           {map[string]any{"url": "http://receiver.example"}, map[string]string{"url": "not_https"}},
		"a password":           {map[string]any{"url": "https://me:secret@receiver.example"}, map[string]string{"url": "has_credentials"}},
		"loopback":             {map[string]any{"url": "https://127.0.0.1/"}, map[string]string{"url": "not_public"}},
		"metadata":             {map[string]any{"url": "https://169.254.169.254/latest/meta-data"}, map[string]string{"url": "not_public"}},
		"a name of the office": {map[string]any{"url": "https://intranet/"}, map[string]string{"url": "not_public"}},
		"too long":             {map[string]any{"url": good + strings.Repeat("a", 2000)}, map[string]string{"url": "too_long"}},
		"no format of ours":    {map[string]any{"url": good, "format": "teams"}, map[string]string{"format": "not_an_option"}},
		"no event of ours":     {map[string]any{"url": good, "events": []string{"booking.moved"}}, map[string]string{"events[0]": "not_an_option"}},
		"no event":             {map[string]any{"url": good, "events": []string{}}, map[string]string{"events": "required"}},
		"an event twice":       {map[string]any{"url": good, "events": []string{"booking.failed", "booking.failed"}}, map[string]string{"events": "duplicate"}},
		"something else":       {map[string]any{"url": good, "secret": "whsec_"}, map[string]string{"secret": "unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			for method, path := range map[string]string{"POST": "/api/host/hooks", "PUT": "/api/host/hooks/" + made.ID} {
				r := o.as(t, "hanako", method, path, c.body)
				if diff := cmp.Diff(c.want, r.fields(t)); r.Status != http.StatusUnprocessableEntity || diff != "" {
					t.Errorf("%s: %d (-want +got):\n%s", method, r.Status, diff)
				}
			}
		})
	}
	if r := o.as(t, "hanako", "PUT", "/api/host/hooks/"+made.ID, map[string]any{"url": good, "format": "slack"}); r.fields(t)["format"] != "immutable" {
		t.Errorf("another format: %d %s", r.Status, r.Text)
	}
	made.Secret = ""
	if diff := cmp.Diff([]httpapi.HookRow{made}, o.hooks(t, "hanako")); diff != "" {
		t.Errorf("hooks after (-want +got):\n%s", diff)
	}
}

func TestAHostHasAFewHooks(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	results := make(chan int, 2*hook.MostHooks)
	for range cap(results) { // at once, as from two tabs
		go func() {
			_, _, err := (&hook.Desk{Ledger: o.store, Vault: o, Now: func() time.Time { return monday }}).Create(t.Context(), "hanako",
				hook.Settings{URL: "https://receiver.example", Format: hook.JSON})
			if full := (*hook.TooMany)(nil); err != nil && !errors.As(err, &full) {
				t.Error(err)
			}
			results <- 0
		}()
	}
	for range cap(results) {
		<-results
	}
	if n := len(o.hooks(t, "hanako")); n != hook.MostHooks {
		t.Errorf("%d hooks", n)
	}
	r := o.as(t, "hanako", "POST", "/api/host/hooks", map[string]any{"url": "https://receiver.example"})
	if r.Status != http.StatusConflict || r.code(t) != "too_many_hooks" {
		t.Errorf("one more: %d %s", r.Status, r.Text)
	}
}

func TestDeliveriesAreListedByTheirNewsAndReplayed(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	made := o.hook(t, "hanako")
	const many = 65
	var ids []string
	for minute := range many {
		d := o.delivered(t, "hanako", made.ID, minute)
		ids = append([]string{d.ID}, ids...)
	}
	path := "/api/host/hooks/" + made.ID + "/deliveries"
	var got []string
	var row httpapi.DeliveryRow
	for cursor := ""; ; {
		var list httpapi.DeliveryList
		o.as(t, "hanako", "GET", path+"?cursor="+cursor, nil).into(t, &list)
		for _, d := range list.Deliveries {
			got, row = append(got, d.ID), d
		}
		if cursor = list.Cursor; cursor == "" {
			break
		}
	}
	if diff := cmp.Diff(ids, got); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	tokyo, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	want := httpapi.DeliveryRow{
		ID: row.ID, Event: booking.NewsConfirmed, Booking: "b0", CreatedAt: monday.In(tokyo), Status: hook.Failed,
		Attempts: []httpapi.AttemptRow{{At: monday.In(tokyo), Error: hook.TimedOut, Millis: 10000}, {At: monday.Add(time.Minute).In(tokyo), Status: 500, Millis: 12}},
	}
	if diff := cmp.Diff(want, row); diff != "" {
		t.Errorf("a delivery (-want +got):\n%s", diff)
	}
	if r := o.as(t, "hanako", "POST", path+"/"+row.ID+"/replay", nil); r.Status != http.StatusAccepted {
		t.Errorf("replay: %d %s", r.Status, r.Text)
	}
	again, err := o.store.Delivery(t.Context(), hook.Key{Host: "hanako", Hook: made.ID, ID: row.ID})
	if err != nil || again.Status != hook.Waiting || !again.NextAt.Equal(monday) || again.Tries != 0 || len(again.Attempts) != 2 || again.Body != `{"to":"taro@example.com"}` {
		t.Errorf("replayed: %+v, error %v", again, err)
	}
	for name, c := range map[string]struct {
		method, path string
		status       int
		code         string
	}{
		"a delivery that is none": {"POST", path + "/msg_00000000000000000000000000/replay", 404, "delivery_not_found"},
		"a hook that is none":     {"GET", "/api/host/hooks/hook_none/deliveries", 404, "hook_not_found"},
		"a cursor that is none":   {"GET", path + "?cursor=PAGE%23intro", 422, "validation_failed"},
	} {
		if r := o.as(t, "hanako", c.method, c.path, nil); r.Status != c.status || r.code(t) != c.code {
			t.Errorf("%s: %d %s", name, r.Status, r.Text)
		}
	}
}

func TestATestIsADeliveryOfItsOwn(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	made := o.hook(t, "hanako")
	if r := o.as(t, "hanako", "POST", "/api/host/hooks/"+made.ID+"/test", nil); r.Status != http.StatusAccepted {
		t.Fatalf("%d %s", r.Status, r.Text)
	}
	var list httpapi.DeliveryList
	o.as(t, "hanako", "GET", "/api/host/hooks/"+made.ID+"/deliveries", nil).into(t, &list)
	if len(list.Deliveries) != 1 || list.Deliveries[0].Event != hook.Test || list.Deliveries[0].Status != hook.Waiting || list.Deliveries[0].NextAt == nil {
		t.Errorf("deliveries: %+v", list)
	}
	if last := o.hooks(t, "hanako")[0].LastDelivery; last == nil || last.Status != hook.Waiting || !last.At.Equal(monday) {
		t.Errorf("the last: %+v", last)
	}
}

func TestAnAccountIsExportedAndClosedWithItsHooks(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	made := o.hook(t, "hanako")
	d := o.delivered(t, "hanako", made.ID, 1)
	exported := o.as(t, "hanako", "GET", "/api/host/export", nil)
	for _, part := range []string{made.URL, d.ID, "taro@example.com"} {
		if !strings.Contains(exported.Text, part) {
			t.Errorf("%s is not exported", part)
		}
	}
	if strings.Contains(exported.Text, "whsec_") || strings.Contains(exported.Text, "sealed") {
		t.Error("a secret is exported")
	}
	if r := o.as(t, "hanako", "DELETE", "/api/host/profile?handle=hanako", nil); r.Status != http.StatusNoContent {
		t.Fatalf("close: %d %s", r.Status, r.Text)
	}
	hooks, err := o.store.Hooks(t.Context(), "hanako")
	_, gone := o.store.Delivery(t.Context(), d.Key)
	if none := (*hook.DeliveryNotFound)(nil); err != nil || len(hooks) > 0 || !errors.As(gone, &none) {
		t.Errorf("left: %v %v, %v", hooks, err, gone)
	}
	if err := o.store.AddHook(t.Context(), hook.Hook{ID: "late", Host: "hanako"}, monday); err == nil {
		t.Error("a hook was made for an account that is closed")
	}
}
