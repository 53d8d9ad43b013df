package hook

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// raw is a transport whose answers are read as they would come over the wire.
type raw struct{ text string }

func (w raw) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.ReadResponse(bufio.NewReader(strings.NewReader(w.text)), r)
	if err != nil {
		return nil, err
	}
	if answer.ContentLength < 0 {
		answer.Body = io.NopCloser(io.LimitReader(answer.Body, drained))
	}
	return answer, nil
}

// FuzzReceiver answers a delivery with any bytes: it has a status or a word for why
// there is none, a pause that can be kept, and goes nowhere that Reach does not allow.
func FuzzReceiver(f *testing.F) {
	for _, text := range []string{
		"HTTP/1.1 204 No Content\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
		"HTTP/1.1 429 Slow\r\nRetry-After: 9876543210987\r\n\r\n",
		"HTTP/1.1 503 Away\r\nRetry-After: Tue, 01 Dec 2026 04:00:00 GMT\r\n\r\n",
		"HTTP/1.1 307 There\r\nLocation: http://169.254.169.254/latest/meta-data/\r\n\r\n",
		"HTTP/1.1 308 There\r\nLocation: //[::1]:80/\r\n\r\n",
		"HTTP/1.1 307 There\r\nLocation: https://receiver.example/again\r\n\r\n",
		"HTTP/1.1 302 There\r\nLocation: file:///etc/passwd\r\n\r\n",
		"HTTP/1.1 999\r\n\r\n", "HTTP/1.1 000 x\r\n\r\n", "<html>", "", "\xff",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := NewSender(Reach{})
		var went []string
		s.client.Transport = visited{raw{text}, &went}
		out, err := s.Post(t.Context(), "https://receiver.example/path", "msg_1", `{}`, now, []string{secret})
		if err != nil {
			t.Fatal(err)
		}
		if (out.Status == 0) == (out.Word == "") {
			t.Errorf("status %d and word %q", out.Status, out.Word)
		}
		if out.RetryAfter < 0 || out.RetryAfter%time.Second != 0 {
			t.Errorf("to be left alone for %s", out.RetryAfter)
		}
		if len(went) > 1+mostRedirects {
			t.Errorf("went to %d places", len(went))
		}
		for _, place := range went {
			if code := (Reach{}).Check(place); code != "" {
				t.Errorf("went to %s: %s", place, code)
			}
		}
	})
}

// visited keeps where requests go.
type visited struct {
	http.RoundTripper
	went *[]string
}

func (v visited) RoundTrip(r *http.Request) (*http.Response, error) {
	*v.went = append(*v.went, r.URL.String())
	return v.RoundTripper.RoundTrip(r)
}
