package promise_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"yakusoku/shared/apikey"
	"yakusoku/shared/httpapi"
)

// key makes an API key of the host's.
func (o *owner) key(t *testing.T, name string, scopes ...apikey.Scope) httpapi.MadeKey {
	t.Helper()
	body, err := json.Marshal(httpapi.KeyRequest{Name: name, Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	var made httpapi.MadeKey
	o.call(t, "POST", "/api/host/keys", string(body), http.StatusCreated).into(t, &made)
	return made
}

// with calls the API with a key.
func (s *system) with(t *testing.T, k httpapi.MadeKey, method, path string, want int) answer {
	t.Helper()
	a := call(t, method, s.Front+path, "", map[string]string{"Authorization": "Bearer " + k.Key})
	if a.Status != want {
		t.Fatalf("%s %s: status %d, body %s", method, path, a.Status, a.Body)
	}
	return a
}

// Through the front door as AWS's gateway has it: a key opens what is for keys, and a
// session what is for hosts; neither does the other.
func TestTheFrontDoorTellsKeysFromSessions(t *testing.T) {
	t.Parallel()
	s := start(t)
	o := s.comeIn(t)
	k := o.key(t, "CRM", apikey.ReadPages)
	session := httpapi.MadeKey{Key: o.token}
	for _, c := range []struct {
		by   httpapi.MadeKey
		path string
		want int
	}{
		{k, "/api/v1/pages", http.StatusOK},
		{k, "/api/v1/pages/intro", http.StatusOK},
		{k, "/api/v1/bookings", http.StatusForbidden},
		{k, "/api/v1/keys", http.StatusNotFound},
		{k, "/api/host/pages", http.StatusUnauthorized},
		{k, "/api/host/keys", http.StatusUnauthorized},
		{session, "/api/v1/pages", http.StatusUnauthorized},
		{session, "/api/host/pages", http.StatusOK},
	} {
		s.with(t, c.by, "GET", c.path, c.want)
	}
	if a := call(t, "HEAD", s.Front+"/api/v1/pages", "", map[string]string{"Authorization": "Bearer " + k.Key}); a.Status != http.StatusOK || len(a.Body) > 0 {
		t.Errorf("the head alone: %d %s", a.Status, a.Body)
	}
	o.call(t, "DELETE", "/api/host/keys/"+k.ID, "", http.StatusNoContent)
	s.with(t, k, "GET", "/api/v1/pages", http.StatusUnauthorized)
}
