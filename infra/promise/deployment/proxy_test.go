package deployment

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// A function that is told of the proxy and its certificate, and of nothing else, finds
// the server that stands in for a host of the internet; without the certificate it does
// not.
func TestWhoTrustsTheProxyFindsWhatIsOutside(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("X-Forwarded-Proto")+"://"+r.Host+r.URL.Path)
	}))
	t.Cleanup(server.Close)
	outside := new(Outside)
	if err := outside.Lead(server.URL, "zoom.us"); err != nil {
		t.Fatal(err)
	}
	certificate := filepath.Join(t.TempDir(), "outside.pem")
	p, err := openProxy(t.Context(), certificate, outside, "later.example")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	if err := outside.lead(server.URL, "later.example", "later.example"); err != nil {
		t.Fatal(err)
	}

	trusted := x509.NewCertPool()
	content, err := os.ReadFile(certificate)
	if err != nil {
		t.Fatal(err)
	}
	if !trusted.AppendCertsFromPEM(content) {
		t.Fatal("the file holds no certificate")
	}
	by, err := url.Parse(p.url)
	if err != nil {
		t.Fatal(err)
	}
	get := func(pool *x509.CertPool, address string) (string, int, error) {
		client := &http.Client{Transport: &http.Transport{
			Proxy: http.ProxyURL(by), TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true,
		}}
		response, err := client.Get(address)
		if err != nil {
			return "", 0, err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		return string(body), response.StatusCode, err
	}
	for address, want := range map[string]string{
		"https://zoom.us/oauth/token": "https://" + server.Listener.Addr().String() + "/oauth/token",
		"https://later.example/pool":  "https://later.example/pool",
	} {
		if got, _, err := get(trusted, address); got != want || err != nil {
			t.Errorf("%s: got %q, error %v; want %q", address, got, err, want)
		}
	}
	if _, _, err := get(nil, "https://zoom.us/"); !errors.As(err, new(*tls.CertificateVerificationError)) {
		t.Errorf("nobody trusts the certificate, and the error is %v", err)
	}
	if _, _, err := get(trusted, "https://api.zoom.us/"); err == nil {
		t.Error("a host that leads nowhere answers")
	}
}
