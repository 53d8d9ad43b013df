package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"yakusoku/shared/httpapi"
)

func TestOnlyCloudFrontSaysWhoAsks(t *testing.T) {
	const gateway, proof = "203.0.113.9", "0123456789abcdef"
	tests := map[string]struct {
		proof   string // that the function knows
		headers http.Header
		want    string
	}{
		"through CloudFront":            {proof, http.Header{httpapi.ProofHeader: {proof}, "Cloudfront-Viewer-Address": {"198.51.100.10:46532"}}, "198.51.100.10"},
		"through CloudFront, by IPv6":   {proof, http.Header{httpapi.ProofHeader: {proof}, "Cloudfront-Viewer-Address": {"2001:db8:85a3::8a2e:370:7334:46532"}}, "2001:db8:85a3::8a2e:370:7334"},
		"in brackets":                   {proof, http.Header{httpapi.ProofHeader: {proof}, "Cloudfront-Viewer-Address": {"[2001:db8::1]:443"}}, "2001:db8::1"},
		"directly, with a forged one":   {proof, http.Header{"Cloudfront-Viewer-Address": {"198.51.100.10:46532"}}, gateway},
		"directly, with a wrong proof":  {proof, http.Header{httpapi.ProofHeader: {proof + "0"}, "Cloudfront-Viewer-Address": {"198.51.100.10:46532"}}, gateway},
		"directly, with an empty proof": {proof, http.Header{httpapi.ProofHeader: {""}, "Cloudfront-Viewer-Address": {"198.51.100.10:46532"}}, gateway},
		"where there is no CloudFront":  {"", http.Header{httpapi.ProofHeader: {""}, "Cloudfront-Viewer-Address": {"198.51.100.10:46532"}}, gateway},
		"two addresses in one":          {proof, http.Header{httpapi.ProofHeader: {proof}, "Cloudfront-Viewer-Address": {"192.0.2.1:1, 198.51.100.10:46532"}}, gateway},
		"no address":                    {proof, http.Header{httpapi.ProofHeader: {proof}}, gateway},
		"no port":                       {proof, http.Header{httpapi.ProofHeader: {proof}, "Cloudfront-Viewer-Address": {"198.51.100.10"}}, gateway},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got, kept string
			h := httpapi.FromViewer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got, kept = r.RemoteAddr, r.Header.Get(httpapi.ProofHeader)
			}), test.proof)
			r := httptest.NewRequest(http.MethodPost, "/b/demo/intro", http.NoBody)
			r.RemoteAddr, r.Header = gateway, test.headers
			h.ServeHTTP(httptest.NewRecorder(), r)
			if got != test.want {
				t.Errorf("asked by %q, want %q", got, test.want)
			}
			if kept != "" {
				t.Errorf("the proof is handed on: %q", kept)
			}
		})
	}
}
