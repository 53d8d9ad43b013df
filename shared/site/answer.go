package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
)

// policy lets a page load and ask for nothing but what is ours. Of inline styles
// it takes those named by their hash; of frames, those on the sites named; its
// script may call the origins named besides ours.
func policy(styles, origins, embedOrigins []string) string {
	style := "'self'"
	for _, text := range styles {
		sum := sha256.Sum256([]byte(text))
		style += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; script-src 'self'; style-src " + style + "; connect-src " + calls(origins) + "; " +
		"img-src 'self' data:; form-action 'self'; base-uri 'none'; " + frameAncestors(embedOrigins)
}

// secured sets the headers that every answer has.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy(nil, nil, nil))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		next.ServeHTTP(w, r)
	})
}

// worthCompressing is the size below which compressing gains nothing.
const worthCompressing = 1024

// write answers with a body made for this request, compressed if the browser
// takes it: the HTTP API in front does not.
func write(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if len(body) >= worthCompressing && accepts(r.Header.Get("Accept-Encoding"), "gzip") {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write(body) // a Buffer takes everything
		_ = z.Close()
		body = packed.Bytes()
		h.Set("Content-Encoding", "gzip")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the caller may have left
}

// accepts reports whether an Accept-Encoding header (RFC 9110 §12.5.3) names the
// coding and does not refuse it. "*" is not taken to name one.
func accepts(header, coding string) bool {
	for offer := range strings.SplitSeq(header, ",") {
		name, weight, weighted := strings.Cut(offer, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
		return !weighted || err == nil && q > 0
	}
	return false
}
