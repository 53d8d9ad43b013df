package gateway

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

// issuer is an OpenID provider with one key.
type issuer struct {
	url string
	key *rsa.PrivateKey
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": i.url, "jwks_uri": i.url + "/jwks", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /jwks", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "one", Algorithm: "RS256", Use: "sig"}}})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	i.url = server.URL
	return i
}

// sign makes a token of the claims.
func sign(t *testing.T, algorithm jose.SignatureAlgorithm, key any, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: "one"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestAuthRoutesTakeTokensOfTheirIssuerForTheirClient(t *testing.T) {
	i := newIssuer(t)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	with := func(change map[string]any) map[string]any {
		claims := map[string]any{
			"iss": i.url, "sub": "hanako", "aud": "console", "scope": "openid email",
			"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		}
		for name, value := range change {
			if claims[name] = value; value == nil {
				delete(claims, name)
			}
		}
		return claims
	}
	good := sign(t, jose.RS256, i.key, with(nil))
	parts := strings.Split(good, ".")
	for name, c := range map[string]struct {
		header string
		status int
	}{
		"good":                            {"Bearer " + good, 200},
		"in small letters":                {"bearer " + good, 200},
		"Cognito's, without aud":          {"Bearer " + sign(t, jose.RS256, i.key, with(map[string]any{"aud": nil, "client_id": "console"})), 200},
		"for several":                     {"Bearer " + sign(t, jose.RS256, i.key, with(map[string]any{"aud": []string{"other", "console"}})), 200},
		"none":                            {"", 401},
		"of another scheme":               {"Basic " + good, 401},
		"for another client":              {"Bearer " + sign(t, jose.RS256, i.key, with(map[string]any{"aud": "other"})), 401},
		"for another, with our client_id": {"Bearer " + sign(t, jose.RS256, i.key, with(map[string]any{"aud": "other", "client_id": "console"})), 401},
		"for nobody":                      {"Bearer " + sign(t, jose.RS256, i.key, with(map[string]any{"aud": nil})), 401},
		"of another issuer":               {"Bearer " + sign(t, jose.RS256, i.key, with(map[string]any{"iss": "https://evil.example"})), 401},
		"expired":                         {"Bearer " + sign(t, jose.RS256, i.key, with(map[string]any{"exp": now.Add(-time.Minute).Unix()})), 401},
		"without an end":                  {"Bearer " + sign(t, jose.RS256, i.key, with(map[string]any{"exp": nil})), 401},
		"not valid yet":                   {"Bearer " + sign(t, jose.RS256, i.key, with(map[string]any{"nbf": now.Add(time.Hour).Unix()})), 401},
		"from the future":                 {"Bearer " + sign(t, jose.RS256, i.key, with(map[string]any{"iat": now.Add(time.Hour).Unix()})), 401},
		"of another key":                  {"Bearer " + sign(t, jose.RS256, stranger, with(nil)), 401},
		"signed with a shared secret":     {"Bearer " + sign(t, jose.HS256, i.key.N.Bytes(), with(nil)), 401},
		"not signed":                      {"Bearer " + parts[0] + "." + parts[1] + ".", 401},
		"cut off":                         {"Bearer " + good[:len(good)-8], 401},
		"no token at all":                 {"Bearer x", 401},
	} {
		t.Run(name, func(t *testing.T) {
			s := ok()
			g := New(routes, s, Issuer{URL: i.url, Audience: "console"}, slog.New(slog.DiscardHandler))
			r := httptest.NewRequest(http.MethodGet, "/private", nil)
			if c.header != "" {
				r.Header.Set("Authorization", c.header)
			}
			w := httptest.NewRecorder()
			g.ServeHTTP(w, r)
			if w.Code != c.status {
				t.Fatalf("status %d, want %d", w.Code, c.status)
			}
			if c.status != http.StatusOK {
				if s.function != "" || w.Body.String() != `{"message":"Unauthorized"}` {
					t.Errorf("called %q, answered %s", s.function, w.Body)
				}
				return
			}
			claims := s.event.RequestContext.Authorizer.JWT.Claims
			got := map[string]string{"sub": claims["sub"], "scope": claims["scope"], "iss": claims["iss"]}
			if diff := cmp.Diff(map[string]string{"sub": "hanako", "scope": "openid email", "iss": i.url}, got); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOpenRoutesAskForNoToken(t *testing.T) {
	s := ok()
	g := New(routes, s, Issuer{URL: "http://127.0.0.1:1", Audience: "console"}, slog.New(slog.DiscardHandler))
	r := httptest.NewRequest(http.MethodGet, "/b/demo/intro", nil)
	r.Header.Set("Authorization", "Bearer of-a-guest")
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	if w.Code != http.StatusOK || s.event.RequestContext.Authorizer != nil {
		t.Errorf("status %d, authorizer %v", w.Code, s.event.RequestContext.Authorizer)
	}
}
