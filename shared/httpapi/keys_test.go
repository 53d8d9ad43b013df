package httpapi_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/apikey"
	"yakusoku/shared/hook"
	"yakusoku/shared/httpapi"
)

// key makes a key of the host's with those scopes.
func (o *office) key(t *testing.T, handle string, scopes ...apikey.Scope) httpapi.MadeKey {
	t.Helper()
	r := o.as(t, handle, "POST", "/api/host/keys", map[string]any{"name": "CRM", "scopes": scopes})
	if r.Status != http.StatusCreated {
		t.Fatalf("make a key: %d %s", r.Status, r.Text)
	}
	var made httpapi.MadeKey
	r.into(t, &made)
	return made
}

// by sends a request with a key, as no authorizer sees it.
func (o *office) by(t testing.TB, key, method, path string, body any, header ...string) reply {
	t.Helper()
	return o.send(t, nil, method, path, body, append([]string{"Authorization", "Bearer " + key}, header...)...)
}

func (o *office) keys(t *testing.T, handle string) []httpapi.KeyRow {
	t.Helper()
	var list httpapi.KeyList
	o.as(t, handle, "GET", "/api/host/keys", nil).into(t, &list)
	return list.Keys
}

func TestAKeyIsMadeShownOnceUsedAndRevoked(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	r := o.as(t, "hanako", "POST", "/api/host/keys", map[string]any{"name": " CRM ", "scopes": []string{"pages:write", "profile:read"}, "expiresInDays": 30})
	var made httpapi.MadeKey
	r.into(t, &made)
	ends := monday.AddDate(0, 0, 30)
	want := httpapi.KeyRow{
		ID: made.ID, Name: "CRM", Scopes: []apikey.Scope{apikey.ReadProfile, apikey.WritePages},
		Ending: made.Key[max(0, len(made.Key)-4):], CreatedAt: monday, ExpiresAt: &ends,
	}
	if diff := cmp.Diff(want, made.KeyRow); r.Status != http.StatusCreated || diff != "" {
		t.Fatalf("made: %d, (-want +got):\n%s", r.Status, diff)
	}
	if diff := cmp.Diff([]httpapi.KeyRow{want}, o.keys(t, "hanako")); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	for _, path := range []string{"/api/host/keys", "/api/host/export"} {
		if r := o.as(t, "hanako", "GET", path, nil); strings.Contains(r.Text, made.Key) || !strings.Contains(r.Text, made.ID) {
			t.Errorf("%s: %s", path, r.Text)
		}
	}

	o.now = monday.Add(16 * time.Hour) // Tuesday in Tokyo
	var profile struct{ Handle string }
	if r := o.by(t, made.Key, "GET", "/api/v1/profile", nil); r.Status != http.StatusOK {
		t.Errorf("used: %d %s", r.Status, r.Text)
	} else if r.into(t, &profile); profile.Handle != "hanako" || r.Header["Cache-Control"] != "no-store" {
		t.Errorf("used: %+v, %v", profile, r.Header)
	}
	if r := o.by(t, made.Key, "POST", "/api/v1/pages", introduction); r.Status != http.StatusCreated || r.Header["Location"] != "/api/v1/pages/intro" {
		t.Errorf("a page: %d %s, at %s", r.Status, r.Text, r.Header["Location"])
	}
	if got := o.keys(t, "hanako")[0].LastUsedOn; got != "2026-12-01" {
		t.Errorf("last used on %q", got)
	}

	if r := o.as(t, "hanako", "DELETE", "/api/host/keys/"+made.ID, nil); r.Status != http.StatusNoContent {
		t.Errorf("revoked: %d %s", r.Status, r.Text)
	}
	if r := o.by(t, made.Key, "GET", "/api/v1/profile", nil); r.Status != http.StatusUnauthorized || r.code(t) != "key_invalid" {
		t.Errorf("after: %d %s", r.Status, r.Text)
	}
	if r := o.as(t, "hanako", "DELETE", "/api/host/keys/"+made.ID, nil); r.Status != http.StatusNotFound || r.code(t) != "key_not_found" {
		t.Errorf("revoked again: %d %s", r.Status, r.Text)
	}
	if keys := o.keys(t, "hanako"); len(keys) > 0 {
		t.Errorf("left: %+v", keys)
	}
}

func TestAKeyThatIsWrongIsToldFieldByField(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	for name, c := range map[string]struct {
		body   map[string]any
		fields map[string]string
	}{
		"nothing":              {map[string]any{}, map[string]string{"name": "required", "scopes": "required"}},
		"no name":              {map[string]any{"name": " ", "scopes": []string{"pages:read"}}, map[string]string{"name": "required"}},
		"a name of two lines":  {map[string]any{"name": "a\nb", "scopes": []string{"pages:read"}}, map[string]string{"name": "wrong_format"}},
		"a name too long":      {map[string]any{"name": strings.Repeat("名", 61), "scopes": []string{"pages:read"}}, map[string]string{"name": "too_long"}},
		"no scope":             {map[string]any{"name": "CRM", "scopes": []string{}}, map[string]string{"scopes": "required"}},
		"a scope of no key":    {map[string]any{"name": "CRM", "scopes": []string{"keys:write"}}, map[string]string{"scopes[0]": "not_an_option"}},
		"a scope twice":        {map[string]any{"name": "CRM", "scopes": []string{"pages:read", "pages:read"}}, map[string]string{"scopes": "duplicate"}},
		"an end before it was": {map[string]any{"name": "CRM", "scopes": []string{"pages:read"}, "expiresInDays": -1}, map[string]string{"expiresInDays": "out_of_range"}},
		"a key of one's own":   {map[string]any{"name": "CRM", "scopes": []string{"pages:read"}, "key": "ysk_A"}, map[string]string{"key": "unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := o.as(t, "hanako", "POST", "/api/host/keys", c.body)
			if r.Status != http.StatusUnprocessableEntity {
				t.Fatalf("%d %s", r.Status, r.Text)
			}
			if diff := cmp.Diff(c.fields, r.fields(t)); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
	if keys := o.keys(t, "hanako"); len(keys) > 0 {
		t.Errorf("made: %+v", keys)
	}
}

func TestAHostHasAFewKeys(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	for range apikey.MostKeys {
		o.key(t, "hanako", apikey.ReadPages)
	}
	if r := o.as(t, "hanako", "POST", "/api/host/keys", map[string]any{"name": "CRM", "scopes": []string{"pages:read"}}); r.Status != http.StatusConflict || r.code(t) != "key_limit" {
		t.Errorf("one more: %d %s", r.Status, r.Text)
	}
}

func TestAKeyIsTakenSoOftenAnHour(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	busy, idle := o.key(t, "hanako", apikey.ReadProfile), o.key(t, "hanako", apikey.ReadProfile)
	// An hour that is not over soon, as Retry-After counts from now.
	o.now = time.Now().Truncate(time.Hour)
	for n := range perHour {
		want := http.StatusOK
		path := "/api/v1/profile"
		if n%2 == 1 { // what is refused counts as well
			want, path = http.StatusForbidden, "/api/v1/pages"
		}
		if r := o.by(t, busy.Key, "GET", path, nil); r.Status != want {
			t.Fatalf("call %d: %d %s", n, r.Status, r.Text)
		}
	}
	r := o.by(t, busy.Key, "GET", "/api/v1/profile", nil)
	wait, err := strconv.Atoi(r.Header["Retry-After"])
	if r.Status != http.StatusTooManyRequests || r.code(t) != "key_rate_limited" || err != nil || wait < 1 || wait > 3600 {
		t.Errorf("one more: %d %s, Retry-After %q", r.Status, r.Text, r.Header["Retry-After"])
	}
	if r := o.by(t, idle.Key, "GET", "/api/v1/profile", nil); r.Status != http.StatusOK {
		t.Errorf("another key: %d %s", r.Status, r.Text)
	}
	o.now = o.now.Add(time.Hour)
	if r := o.by(t, busy.Key, "GET", "/api/v1/profile", nil); r.Status != http.StatusOK {
		t.Errorf("an hour later: %d %s", r.Status, r.Text)
	}
}

// What keys open is said here once more, so that nothing is opened by an oversight.
func TestWhatKeysOpen(t *testing.T) {
	want := map[string]apikey.Scope{
		"GET /api/v1/profile":                                    apikey.ReadProfile,
		"GET /api/v1/bookings":                                   apikey.ReadBookings,
		"GET /api/v1/bookings/{id}":                              apikey.ReadBookings,
		"POST /api/v1/bookings/{id}/cancel":                      apikey.WriteBookings,
		"POST /api/v1/bookings/{id}/reschedule":                  apikey.WriteBookings,
		"POST /api/v1/bookings/{id}/retry":                       apikey.WriteBookings,
		"GET /api/v1/pages":                                      apikey.ReadPages,
		"POST /api/v1/pages":                                     apikey.WritePages,
		"GET /api/v1/pages/{page}":                               apikey.ReadPages,
		"PUT /api/v1/pages/{page}":                               apikey.WritePages,
		"DELETE /api/v1/pages/{page}":                            apikey.WritePages,
		"GET /api/v1/hooks":                                      apikey.ReadHooks,
		"POST /api/v1/hooks":                                     apikey.WriteHooks,
		"PUT /api/v1/hooks/{hook}":                               apikey.WriteHooks,
		"DELETE /api/v1/hooks/{hook}":                            apikey.WriteHooks,
		"POST /api/v1/hooks/{hook}/test":                         apikey.WriteHooks,
		"GET /api/v1/hooks/{hook}/deliveries":                    apikey.ReadHooks,
		"POST /api/v1/hooks/{hook}/deliveries/{delivery}/replay": apikey.WriteHooks,
	}
	routes := map[string]apikey.Scope{}
	for _, r := range httpapi.Routes() {
		if strings.HasPrefix(r.Path, "/api/v1/") && r.Method != http.MethodHead {
			routes[r.Method+" "+r.Path] = r.Scope
			if r.Auth || r.Function != httpapi.ConsoleFunction {
				t.Errorf("%+v", r)
			}
		}
	}
	if diff := cmp.Diff(want, routes); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	documented := map[string]apikey.Scope{}
	for key, op := range operations(t) {
		if _, path, _ := strings.Cut(key, " "); strings.HasPrefix(path, "/api/v1/") && len(op.Security) == 1 && len(op.Security[0]["apiKey"]) == 1 {
			documented[key] = apikey.Scope(op.Security[0]["apiKey"][0])
		}
	}
	if diff := cmp.Diff(want, documented); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(apikey.Scopes, slices.SortedFunc(maps.Keys(inverted(want)), func(a, b apikey.Scope) int {
		return slices.Index(apikey.Scopes, a) - slices.Index(apikey.Scopes, b)
	})); diff != "" {
		t.Errorf("scopes that open something (-all +used):\n%s", diff)
	}
}

func inverted(m map[string]apikey.Scope) map[apikey.Scope]bool {
	all := map[apikey.Scope]bool{}
	for _, s := range m {
		all[s] = true
	}
	return all
}

// operation is one of the document's.
type operation struct {
	OperationID string `json:"operationId"`
	Security    []map[string][]string
}

// operations are the document's, by method and path.
func operations(t *testing.T) map[string]operation {
	t.Helper()
	var document struct {
		Paths map[string]map[string]operation `json:"paths"`
	}
	if err := json.Unmarshal(httpapi.OpenAPI, &document); err != nil {
		t.Fatal(err)
	}
	all := map[string]operation{}
	for path, methods := range document.Paths {
		for method, op := range methods {
			all[strings.ToUpper(method)+" "+path] = op
		}
	}
	return all
}

// The operations come from the document, so that one cannot be forgotten here: whoever
// has no key for an operation learns and changes nothing of hanako's.
func TestNoKeyReachesMoreThanItMay(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	o.page(t, "hanako")
	o.booked(t, "hanako", "hers", 2, nil)
	if err := o.store.AddHook(t.Context(), hook.Hook{ID: "hers", Host: "hanako", URL: "https://hanako.example"}, monday); err != nil {
		t.Fatal(err)
	}
	told := o.delivered(t, "hanako", "hers", 1)
	revoked := o.key(t, "hanako", apikey.Scopes...)
	if r := o.as(t, "hanako", "DELETE", "/api/host/keys/"+revoked.ID, nil); r.Status != http.StatusNoContent {
		t.Fatalf("revoke: %d %s", r.Status, r.Text)
	}
	expired := o.as(t, "hanako", "POST", "/api/host/keys", map[string]any{"name": "old", "scopes": apikey.Scopes, "expiresInDays": 1})
	var old httpapi.MadeKey
	expired.into(t, &old)
	o.now = monday.AddDate(0, 0, 1)
	if row := o.keys(t, "hanako")[0]; !row.Expired {
		t.Fatalf("not expired: %+v", row)
	}
	all := o.key(t, "hanako", apikey.Scopes...)
	bodies := map[string]any{
		"create-page": introduction, "put-settings": introduction,
		"create-hook": map[string]any{"url": "https://mallory.example"}, "change-hook": map[string]any{"url": "https://mallory.example"},
		"cancel-own-booking": map[string]any{}, "reschedule-own-booking": map[string]any{"start": "2026-12-01T10:00:00+09:00"},
		"preview":     map[string]any{"page": introduction, "from": "2026-12-01", "to": "2026-12-03", "date": "2026-12-02"},
		"put-profile": map[string]any{"name": "Mallory", "timezone": "Asia/Tokyo", "locale": "en"},
		"create-key":  map[string]any{"name": "more", "scopes": apikey.Scopes},
	}
	queries := map[string]string{"delete-profile": "?handle=hanako"}
	signedIn := signedIn(map[string]string{"sub": "hanako"})

	for key, op := range operations(t) {
		method, path, _ := strings.Cut(key, " ")
		name, takesKeys := strings.CutPrefix(op.OperationID, "v1-")
		if !takesKeys && !strings.HasPrefix(path, "/api/host/") {
			continue
		}
		t.Run(op.OperationID, func(t *testing.T) {
			o.now = o.now.Add(time.Hour) // another hour's quota
			filled := strings.NewReplacer("{page}", "intro", "{id}", "hers", "{provider}", "zoom", "{hook}", "hers", "{key}", all.ID, "{delivery}", told.ID).Replace(path) + queries[name]
			before := o.everything(t)
			refused := func(who string, status int, code string, said *events.APIGatewayV2HTTPRequestContextAuthorizerDescription, authorization ...string) reply {
				t.Helper()
				r := o.send(t, said, method, filled, bodies[name], append(authorization, "If-Match", `"1"`)...)
				if r.Status != status || r.code(t) != code {
					t.Errorf("%s: %d %s", who, r.Status, r.Text)
				}
				return r
			}
			bearer := func(key string) []string { return []string{"Authorization", "Bearer " + key} }
			if !takesKeys {
				refused("her key, where keys open nothing", 401, "signed_out", nil, bearer(all.Key)...)
			} else {
				refused("nobody", 401, "key_invalid", nil)
				refused("her key by another scheme", 401, "key_invalid", nil, "Authorization", "Basic "+all.Key)
				refused("no key", 401, "key_invalid", nil, bearer("ysk_AAAAAAAAAAAAAAAAAAAAAAAAAA")...)
				refused("two keys", 401, "key_invalid", nil, bearer(all.Key+", Bearer "+all.Key)...)
				refused("her session, where keys are asked for", 401, "key_invalid", signedIn, bearer("eyJhbGciOiJSUzI1NiJ9.e30.c2ln")...)
				refused("a key that was revoked", 401, "key_invalid", nil, bearer(revoked.Key)...)
				refused("a key that has expired", 401, "key_invalid", nil, bearer(old.Key)...)
				asks := op.Security[0]["apiKey"][0]
				others := slices.DeleteFunc(slices.Clone(apikey.Scopes), func(s apikey.Scope) bool { return string(s) == asks })
				lacking := o.key(t, "hanako", others...)
				before.Keys = o.everything(t).Keys // with this one
				before.Keys[len(before.Keys)-1].UsedOn = o.now.Add(9 * time.Hour).Format(time.DateOnly)
				r := refused("her key without "+asks, 403, "key_scope_missing", nil, bearer(lacking.Key)...)
				if want := map[string]string{asks: "scope_missing"}; !cmp.Equal(want, r.fields(t)) || !strings.Contains(r.Header["Www-Authenticate"], `scope="`+asks+`"`) {
					t.Errorf("the scope that is missing: %v, %s", r.fields(t), r.Header["Www-Authenticate"])
				}
				mallory := "mallory-" + name // each has an account of their own
				o.open(t, mallory)
				r = o.by(t, o.key(t, mallory, apikey.Scopes...).Key, method, filled, bodies[name], "If-Match", `"1"`)
				if anothers := strings.Contains(filled, "/hers") || strings.Contains(path, "{page}") && method != http.MethodDelete; anothers && r.Status != http.StatusNotFound {
					t.Errorf("another's key: %d %s", r.Status, r.Text)
				}
				for _, secret := range []string{"taro@example.com", "hanako@example.com", "91234567890", "hanako.example"} {
					if strings.Contains(r.Text, secret) {
						t.Errorf("another's key is told %s: %s", secret, r.Text)
					}
				}
				if r := o.as(t, "hanako", "DELETE", "/api/host/keys/"+lacking.ID, nil); r.Status != http.StatusNoContent {
					t.Fatalf("revoke: %d %s", r.Status, r.Text)
				}
				before.Keys = before.Keys[:len(before.Keys)-1]
			}
			if diff := cmp.Diff(before, o.everything(t)); diff != "" {
				t.Errorf("what is hers changed:\n%s", diff)
			}
		})
	}
	// What was refused above was so for the key's sake: with a good one it is done.
	if r := o.by(t, all.Key, "POST", "/api/v1/bookings/hers/cancel", map[string]any{}); r.Status != http.StatusAccepted {
		t.Errorf("her own key: %d %s", r.Status, r.Text)
	}
}

func TestKeysEndWithTheAccount(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	made := o.key(t, "hanako", apikey.ReadProfile)
	if r := o.as(t, "hanako", "DELETE", "/api/host/profile?handle=hanako", nil); r.Status != http.StatusNoContent {
		t.Fatalf("close: %d %s", r.Status, r.Text)
	}
	if r := o.by(t, made.Key, "GET", "/api/v1/profile", nil); r.Status != http.StatusUnauthorized || r.code(t) != "key_invalid" {
		t.Errorf("after: %d %s", r.Status, r.Text)
	}
}

// Who made, revoked or showed a key, and what for, is in the log; the key and the
// words of its host are not.
func TestWhatIsDoneWithKeysIsLogged(t *testing.T) {
	o := newOffice(t)
	o.open(t, "hanako")
	log := capture(t)
	made := o.key(t, "hanako", apikey.ReadProfile)
	o.by(t, made.Key, "GET", "/api/v1/profile", nil)
	o.as(t, "hanako", "DELETE", "/api/host/keys/"+made.ID, nil)
	type line struct{ Msg, Host, Key, Operation string }
	var got []line
	text := log.String()
	for one := range strings.Lines(text) {
		var l line
		if err := json.Unmarshal([]byte(one), &l); err != nil {
			t.Fatal(err)
		}
		if l.Key != "" {
			got = append(got, l)
		}
	}
	want := []line{
		{Msg: "key made", Host: "hanako", Key: made.ID},
		{Msg: "key shown", Host: "hanako", Key: made.ID, Operation: "v1-get-profile"},
		{Msg: "key revoked", Host: "hanako", Key: made.ID},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("logged (-want +got):\n%s", diff)
	}
	for _, secret := range []string{made.Key, made.Key[4:20], "CRM"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is logged:\n%s", secret, text)
		}
	}
}
