package trace_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"yakusoku/shared/trace"
)

const sampled = "Root=1-581cf771-a006649127e371903a2de979;Parent=53995c3f42cd8ad8;Sampled=1"

// invoked is the context of an invocation with that trace header.
func invoked(t *testing.T, header string) context.Context {
	t.Helper()
	return context.WithValue(t.Context(), "x-amzn-trace-id", header) //nolint:staticcheck // aws-lambda-go's own key
}

// daemon listens where Lambda would, and returns what it is told next.
func daemon(t *testing.T) func() map[string]any {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	t.Setenv(trace.DaemonVariable, c.LocalAddr().String())
	return func() map[string]any {
		t.Helper()
		packet := make([]byte, 64<<10)
		if err := c.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, _, err := c.ReadFrom(packet)
		if err != nil {
			t.Fatalf("the daemon was told nothing: %v", err)
		}
		header, text, _ := strings.Cut(string(packet[:n]), "\n")
		if header != `{"format":"json","version":1}` {
			t.Errorf("the datagram begins with %s", header)
		}
		var d map[string]any
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return d
	}
}

func get(ctx context.Context, next http.RoundTripper, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := trace.Transport(next).RoundTrip(r)
	if err == nil {
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
	}
	return err
}

func TestACallIsASubsegmentOfItsInvocation(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		marks  []string
	}{
		"answered": {http.StatusOK, nil},
		"refused":  {http.StatusNotFound, []string{"error"}},
		"limited":  {http.StatusTooManyRequests, []string{"error", "throttle"}},
		"failed":   {http.StatusBadGateway, []string{"fault"}},
		"silent":   {0, []string{"fault"}},
	} {
		t.Run(name, func(t *testing.T) {
			told := daemon(t)
			provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if test.status == 0 {
					panic(http.ErrAbortHandler)
				}
				w.WriteHeader(test.status)
			}))
			defer provider.Close()
			host := strings.TrimPrefix(provider.URL, "http://")
			if err := get(invoked(t, sampled), http.DefaultTransport, provider.URL+"/meetings/123?user=taro@example.com"); (err == nil) == (test.status == 0) {
				t.Errorf("the call ended with %v", err)
			}
			call := map[string]any{"request": map[string]any{"method": "GET"}}
			if test.status > 0 {
				call["response"] = map[string]any{"status": float64(test.status)}
			}
			want := map[string]any{
				"type": "subsegment", "name": host, "namespace": "remote", "http": call,
				"trace_id": "1-581cf771-a006649127e371903a2de979", "parent_id": "53995c3f42cd8ad8",
			}
			for _, mark := range test.marks {
				want[mark] = true
			}
			got := told()
			own := cmpopts.IgnoreMapEntries(func(name string, _ any) bool { return name == "id" || strings.HasSuffix(name, "_time") })
			if diff := cmp.Diff(want, got, own); diff != "" {
				t.Errorf("the subsegment (-want +got):\n%s", diff)
			}
			if id, _ := got["id"].(string); len(id) != 16 {
				t.Errorf("its id is %v", got["id"])
			}
			begun, _ := got["start_time"].(float64)
			ended, _ := got["end_time"].(float64)
			if now := float64(time.Now().Unix()); begun > ended || begun < now-60 || ended > now+60 {
				t.Errorf("it lasts from %v to %v", begun, ended)
			}
		})
	}
}

func TestACallIsMadeWhetherOrNotItIsTraced(t *testing.T) {
	provider := httptest.NewServer(http.NotFoundHandler())
	defer provider.Close()
	for name, test := range map[string]struct{ daemon, header string }{
		"nobody listens":            {"127.0.0.1:9", sampled},
		"an address of no use":      {"nowhere", sampled},
		"no daemon":                 {"", sampled},
		"it is not sampled":         {"127.0.0.1:9", "Root=1-2-3;Parent=4;Sampled=0"},
		"there is no trace":         {"127.0.0.1:9", ""},
		"the header is of no sense": {"127.0.0.1:9", "Sampled=1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(trace.DaemonVariable, test.daemon)
			for range 2 { // what nobody listens to is refused with the next
				if err := get(invoked(t, test.header), http.DefaultTransport, provider.URL); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestOnlyWhatIsSampledIsTold(t *testing.T) {
	told := daemon(t)
	provider := httptest.NewServer(http.NotFoundHandler())
	defer provider.Close()
	for _, header := range []string{"", "Root=1-2-3;Parent=4;Sampled=0", "Root=1-2-3;Sampled=1", sampled} {
		if err := get(invoked(t, header), http.DefaultTransport, provider.URL); err != nil {
			t.Fatal(err)
		}
	}
	if got := told()["parent_id"]; got != "53995c3f42cd8ad8" {
		t.Errorf("the first that is told of hangs from %v", got)
	}
}
