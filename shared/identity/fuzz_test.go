package identity_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"yakusoku/shared/identity"
)

const issuer = "https://sign-in.example"

// provider is an issuer whose UserInfo answer is given; its configuration is good.
type provider struct {
	kind, body string
	status     int
	shown      string // the Authorization that it was asked with
}

func (p *provider) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := &http.Response{StatusCode: p.status, Header: http.Header{"Content-Type": {p.kind}}, Body: io.NopCloser(strings.NewReader(p.body)), Request: r}
	if strings.HasPrefix(r.URL.Path, "/.well-known/") {
		answer.StatusCode, answer.Header = http.StatusOK, http.Header{"Content-Type": {"application/json"}}
		answer.Body = io.NopCloser(strings.NewReader(`{"issuer":"` + issuer + `","authorization_endpoint":"` + issuer + `/a","token_endpoint":"` + issuer + `/t","jwks_uri":"` + issuer + `/j","userinfo_endpoint":"` + issuer + `/userinfo"}`))
	} else {
		p.shown = r.Header.Get("Authorization")
	}
	return answer, nil
}

// FuzzUserInfo gives any answer to who signed in: an address counts as verified only
// where the provider says so of it, in so many words.
func FuzzUserInfo(f *testing.F) {
	for _, body := range []string{
		`{"sub":"s","email":"hanako@example.com","email_verified":true}`,
		`{"sub":"s","email":"hanako@example.com","email_verified":"true"}`,
		`{"sub":"s","email":"hanako@example.com"}`, `{"email_verified":true}`, `{"email_verified":1,"email":["a"]}`,
		`{"email_verified":"yes"}`, `null`, ``, `<html>`, "\xff", `{"email":"a","email":"b","email_verified":true,"EMAIL_VERIFIED":false}`,
	} {
		f.Add(uint16(100), "application/json", body)
	}
	f.Add(uint16(301), "application/json", `{"error":"invalid_token"}`)
	f.Add(uint16(100), "application/jwt", `e30.e30.`)
	f.Fuzz(func(t *testing.T, status uint16, kind, body string) {
		p := &provider{kind: kind, body: body, status: 100 + int(status)%500}
		sign := &identity.Issuer{URL: issuer, HTTP: &http.Client{Transport: p}}
		address, verified, err := sign.Email(t.Context(), "access")
		if err != nil {
			if address != "" || verified {
				t.Errorf("an error, and %q, verified %t", address, verified)
			}
			return
		}
		if p.status != http.StatusOK || p.shown != "Bearer access" {
			t.Errorf("status %d to %q is an answer", p.status, p.shown)
		}
		var said map[string]any
		if err := json.Unmarshal([]byte(body), &said); err != nil {
			t.Fatalf("no JSON, and %q, verified %t", address, verified)
		}
		vouches := false
		for name, value := range said { // encoding/json takes names in any case
			vouches = vouches || strings.EqualFold(name, "email_verified") && (value == true || value == "true")
		}
		if verified && !vouches {
			t.Errorf("%q counts as verified by %s", address, body)
		}
	})
}
