package httpapi

import (
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strings"
)

// Headers that CloudFront sets on its way to the API: who asks, and that it is
// CloudFront who says so.
const (
	ViewerAddressHeader = "CloudFront-Viewer-Address"
	ProofHeader         = "X-Viewer-Proof"
)

// FromViewer takes a request's address from CloudFront where the request proves to
// have come through it. Without the proof what it says of itself is not heard: who
// calls the API directly has the address that the gateway sees. An empty proof is
// nobody's.
func FromViewer(next http.Handler, proof string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown := r.Header.Get(ProofHeader)
		if proof != "" && subtle.ConstantTimeCompare([]byte(shown), []byte(proof)) == 1 {
			if address, ok := viewer(r.Header.Get(ViewerAddressHeader)); ok {
				r.RemoteAddr = address
			}
		}
		r.Header.Del(ProofHeader)
		next.ServeHTTP(w, r)
	})
}

// viewer reads an address and a port, between which CloudFront puts a colon for IPv6
// too, and no brackets.
func viewer(text string) (address string, ok bool) {
	colon := strings.LastIndexByte(text, ':')
	if colon < 0 {
		return "", false
	}
	a, err := netip.ParseAddr(strings.Trim(text[:colon], "[]"))
	return a.String(), err == nil
}
