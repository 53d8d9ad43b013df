// Package trace joins the calls of a function's providers to the trace that Lambda
// began: each becomes a subsegment of X-Ray's (X-Ray Developer Guide, "Segment
// documents"), handed to the daemon that Lambda runs beside the function. AWS's own SDK
// for it has reached the end of its support, and OpenTelemetry's would be most of a
// function's start; what is needed of either is one datagram a call.
package trace

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// DaemonVariable is the environment's variable that holds the daemon's address. Lambda
// sets it; where it is not set nothing is traced.
const DaemonVariable = "AWS_XRAY_DAEMON_ADDRESS"

// Transport is next, with each call traced: whom it went to, how long it took and how
// it ended. Neither paths nor bodies go along, which may be about a person.
func Transport(next http.RoundTripper) http.RoundTripper {
	if os.Getenv(DaemonVariable) == "" {
		return next
	}
	return &transport{next: next, daemon: sync.OnceValue(dial)}
}

func dial() net.Conn {
	c, err := (&net.Dialer{}).DialContext(context.Background(), "udp", os.Getenv(DaemonVariable)) // which sends nothing
	if err != nil {
		slog.Warn("calls are not traced: the daemon's address is of no use", "error", err)
		return nil
	}
	return c
}

type transport struct {
	next   http.RoundTripper
	daemon func() net.Conn
}

// RoundTrip traces a call of a sampled invocation.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	of, sampled := caller(r.Context())
	if !sampled {
		return t.next.RoundTrip(r)
	}
	begun := time.Now()
	answer, err := t.next.RoundTrip(r)
	t.tell(subsegment(r, of, begun, time.Now(), answer))
	return answer, err
}

// Header is the trace header of the invocation under way, for what continues its trace;
// empty outside of one.
func Header(ctx context.Context) string {
	header, _ := ctx.Value("x-amzn-trace-id").(string) // as aws-lambda-go leaves it there
	return header
}

// origin is what a subsegment hangs from.
type origin struct{ trace, parent string }

// caller reads the invocation's trace header, "Root=…;Parent=…;Sampled=1".
func caller(ctx context.Context) (of origin, sampled bool) {
	for field := range strings.SplitSeq(Header(ctx), ";") {
		switch name, value, _ := strings.Cut(field, "="); name {
		case "Root":
			of.trace = value
		case "Parent":
			of.parent = value
		case "Sampled":
			sampled = value == "1"
		}
	}
	return of, sampled && of.trace != "" && of.parent != ""
}

// document is a subsegment that is sent by itself.
type document struct {
	Type      string  `json:"type"`
	Name      string  `json:"name"`
	Namespace string  `json:"namespace"`
	ID        string  `json:"id"`
	TraceID   string  `json:"trace_id"`
	ParentID  string  `json:"parent_id"`
	Start     float64 `json:"start_time"` // seconds since 1970
	End       float64 `json:"end_time"`
	HTTP      call    `json:"http"`
	Error     bool    `json:"error,omitempty"`    // the caller's fault
	Throttle  bool    `json:"throttle,omitempty"` // 429
	Fault     bool    `json:"fault,omitempty"`    // the other side's, or no answer
}

type call struct {
	Request struct {
		Method string `json:"method"`
	} `json:"request"`
	Response *response `json:"response,omitempty"`
}

type response struct {
	Status int `json:"status"`
}

func subsegment(r *http.Request, of origin, begun, ended time.Time, answer *http.Response) document {
	var id [8]byte
	rand.Read(id[:]) // never fails
	d := document{
		Type: "subsegment", Name: r.URL.Host, Namespace: "remote",
		ID: hex.EncodeToString(id[:]), TraceID: of.trace, ParentID: of.parent,
		Start: seconds(begun), End: seconds(ended),
	}
	d.HTTP.Request.Method = r.Method
	if answer == nil {
		d.Fault = true
		return d
	}
	d.HTTP.Response = &response{answer.StatusCode}
	d.Throttle = answer.StatusCode == http.StatusTooManyRequests
	d.Error = answer.StatusCode >= 400 && answer.StatusCode < 500
	d.Fault = answer.StatusCode >= 500
	return d
}

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

// tell hands the document to the daemon, who may be gone: a trace is no reason to fail.
func (t *transport) tell(d document) {
	daemon := t.daemon()
	if daemon == nil {
		return
	}
	text, err := json.Marshal(d)
	if err == nil {
		_, err = daemon.Write(append([]byte("{\"format\":\"json\",\"version\":1}\n"), text...))
	}
	if err != nil {
		slog.Debug("a call is not traced", "error", err)
	}
}
