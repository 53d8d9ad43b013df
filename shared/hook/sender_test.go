package hook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

var now = time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// verifies checks a signature as the specification says, without the library that
// made it.
func verifies(secret string, header http.Header, body string) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", header.Get("webhook-id"), header.Get("webhook-timestamp"), body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for signature := range strings.FieldsSeq(header.Get("webhook-signature")) {
		if hmac.Equal([]byte(signature), []byte(want)) {
			return true
		}
	}
	return false
}

// The specification's own example.
func TestASignatureIsTheSpecifications(t *testing.T) {
	got, err := sign("msg_p5jXN8AQM9LWM0D4loKWxJek", `{"test": 2432232314}`, time.Unix(1614265330, 0), []string{secret})
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := sign("msg_1", "{}", now, []string{"whsec_?secret?"}); err == nil || strings.Contains(err.Error(), "secret?") {
		t.Errorf("a secret that is none: %v", err)
	}
}

// receiver is a server that keeps what it was sent.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	heads  []http.Header
	bodies []string
}

func newReceiver(t *testing.T, address string, serve http.HandlerFunc) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		r.mu.Lock()
		r.heads, r.bodies = append(r.heads, request.Header), append(r.bodies, request.Method+" "+request.URL.Path+" "+string(body))
		r.mu.Unlock()
		serve(w, request)
	}))
	if address != "" {
		_ = r.Listener.Close()
		var err error
		if r.Listener, err = net.Listen("tcp", address); err != nil {
			t.Skipf("no %s on this machine: %v", address, err)
		}
	}
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.bodies...)
}

func fine(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

func post(t *testing.T, s *Sender, address string) Outcome {
	t.Helper()
	out, err := s.Post(t.Context(), address, "msg_1", `{"a":"<b>"}`, now, []string{secret})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestADeliveryIsPostedAndSignedByEachSecret(t *testing.T) {
	r := newReceiver(t, "", fine)
	r.Start()
	another := "whsec_" + base64.StdEncoding.EncodeToString([]byte("another secret, as long as is needed"))
	out, err := newSender(local, nil, nil).Post(t.Context(), r.URL+"/path?key=1", "msg_1", `{"a":"<b>"}`, now, []string{secret, another})
	if err != nil || out != (Outcome{Status: http.StatusNoContent}) {
		t.Fatalf("%+v, %v", out, err)
	}
	if got := r.got(); len(got) != 1 || got[0] != `POST /path {"a":"<b>"}` {
		t.Fatalf("it was sent %q", got)
	}
	h := r.heads[0]
	for name, want := range map[string]string{
		"Webhook-Id": "msg_1", "Webhook-Timestamp": strconv.FormatInt(now.Unix(), 10), "Content-Type": "application/json; charset=utf-8", "User-Agent": "Yakusoku-Hook/1",
	} {
		if h.Get(name) != want {
			t.Errorf("%s is %q", name, h.Get(name))
		}
	}
	for _, s := range []string{secret, another} {
		if !verifies(s, h, `{"a":"<b>"}`) {
			t.Errorf("%s does not verify %s", s, h.Get("webhook-signature"))
		}
	}
	if verifies(secret, h, `{"a":"<c>"}`) {
		t.Error("another body is verified")
	}
}

func TestWhatAReceiverAnswersIsAStatusOrAWord(t *testing.T) {
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	tests := map[string]struct {
		serve http.HandlerFunc
		want  Outcome
	}{
		"created":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201) }, Outcome{Status: 201}},
		"gone":          {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(410) }, Outcome{Status: 410}},
		"a long answer": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) }, Outcome{Status: 200}},
		"an endless head": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
			w.WriteHeader(200)
		}, Outcome{Word: ConnectionFailed}},
		"too much": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "90"); w.WriteHeader(429) },
			Outcome{Status: 429, RetryAfter: 90 * time.Second}},
		"not before": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", now.Add(time.Minute).Format(http.TimeFormat))
			w.WriteHeader(503)
		}, Outcome{Status: 503, RetryAfter: time.Minute}},
		"not before long ago": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", now.Add(-time.Minute).Format(http.TimeFormat))
			w.WriteHeader(503)
		}, Outcome{Status: 503}},
		"nonsense": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "-1"); w.WriteHeader(503) }, Outcome{Status: 503}},
		"nothing": {func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-never:
			}
		}, Outcome{Word: TimedOut}},
		"a cut": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, Outcome{Word: ConnectionFailed}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t, "", test.serve)
			r.Start()
			s := newSender(local, nil, nil)
			s.client.Timeout = 2 * time.Second
			if test.want.Word == TimedOut {
				s.client.Timeout = 100 * time.Millisecond
			}
			if got := post(t, s, r.URL); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		r := newReceiver(t, "", fine)
		r.Start()
		r.Close()
		if got := post(t, newSender(local, nil, nil), r.URL); got != (Outcome{Word: ConnectionFailed}) {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("a certificate that nobody vouches for", func(t *testing.T) {
		r := newReceiver(t, "", fine)
		r.StartTLS()
		if got := post(t, newSender(local, nil, nil), r.URL); got != (Outcome{Word: TLSFailed}) || len(r.got()) > 0 {
			t.Errorf("got %+v, and it was sent %q", got, r.got())
		}
	})
	t.Run("no TLS there", func(t *testing.T) {
		r := newReceiver(t, "", fine)
		r.Start()
		if got := post(t, newSender(local, nil, nil), "https"+strings.TrimPrefix(r.URL, "http")); got != (Outcome{Word: TLSFailed}) {
			t.Errorf("got %+v", got)
		}
	})
}

// The proxy of the environment would dial for us, and to where it likes.
func TestNoProxyIsAsked(t *testing.T) {
	if transport, ok := NewSender(Reach{}).client.Transport.(*http.Transport); !ok || transport.Proxy != nil {
		t.Errorf("the transport is %+v", transport)
	}
}

// names is a resolver that answers what is said, by the name and how often it was
// asked for.
func names(t *testing.T, say func(name string, times int) netip.Addr) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	asked := map[string]int{}
	go func() {
		packet := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(packet)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(packet[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			answer := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true}, Questions: m.Questions}
			head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 0}
			name := strings.TrimSuffix(q.Name.String(), ".")
			ip := say(name, asked[name])
			switch {
			case !ip.IsValid():
				answer.RCode = dnsmessage.RCodeNameError
			case q.Type == dnsmessage.TypeA && ip.Is4():
				asked[name]++
				answer.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AResource{A: ip.As4()}}}
			case q.Type == dnsmessage.TypeAAAA && !ip.Is4():
				asked[name]++
				answer.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}}}
			}
			out, err := answer.Pack()
			if err == nil {
				_, _ = server.WriteTo(out, from)
			}
		}
	}()
	var dialer net.Dialer
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dialer.DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func TestANameThatLeadsInsideIsRefusedWhereItIsDialled(t *testing.T) {
	inside := newReceiver(t, "", fine)
	inside.StartTLS()
	_, port, err := net.SplitHostPort(inside.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{
		"127.0.0.1", "0.0.0.0", "10.1.2.3", "100.64.1.1", "169.254.169.254", "172.31.0.1", "192.168.0.1", "198.19.0.1", "224.0.0.1", "255.255.255.255",
		"::", "::1", "fe80::1", "fd00:ec2::254", "ff02::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::1", "2001:0:7f00:1::1",
		"::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
	} {
		t.Run(address, func(t *testing.T) {
			s := newSender(Reach{}, names(t, func(string, int) netip.Addr { return netip.MustParseAddr(address) }), nil)
			if got := post(t, s, "https://receiver.example:"+port+"/"); got != (Outcome{Word: AddressRefused}) {
				t.Errorf("got %+v", got)
			}
		})
	}
	if got := inside.got(); len(got) > 0 {
		t.Errorf("it was sent %q", got)
	}
	t.Run("a name that there is not", func(t *testing.T) {
		s := newSender(Reach{}, names(t, func(string, int) netip.Addr { return netip.Addr{} }), nil)
		if got := post(t, s, "https://receiver.example/"); got != (Outcome{Word: NameNotResolved}) {
			t.Errorf("got %+v", got)
		}
	})
}

// outside is what stands for public addresses.
var outside = Reach{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}}

func trusting(r *receiver) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(r.Certificate())
	return pool
}

// DNS rebinding: the name meant what is public when it was looked at, and means what
// is inside when it is dialled.
func TestWhatANameMeantBeforeDoesNotCount(t *testing.T) {
	public := newReceiver(t, "127.0.0.2:0", fine)
	public.StartTLS()
	_, port, err := net.SplitHostPort(public.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	inside := newReceiver(t, "127.0.0.1:"+port, fine)
	inside.TLS = &tls.Config{Certificates: public.TLS.Certificates}
	inside.StartTLS()
	var rebound atomic.Bool
	resolver := names(t, func(string, int) netip.Addr {
		if rebound.Load() {
			return netip.MustParseAddr("127.0.0.1")
		}
		return netip.MustParseAddr("127.0.0.2")
	})
	s := newSender(outside, resolver, trusting(public))
	address := "https://example.com:" + port + "/" // a name of httptest's certificate
	if got := post(t, s, address); got != (Outcome{Status: 204}) {
		t.Fatalf("before: %+v", got)
	}
	rebound.Store(true)
	if ips, err := resolver.LookupNetIP(t.Context(), "ip4", "example.com"); err != nil || ips[0].String() != "127.0.0.1" {
		t.Fatalf("the name means %v, %v", ips, err)
	}
	if got := post(t, s, address); got != (Outcome{Word: AddressRefused}) {
		t.Errorf("after: %+v", got)
	}
	if len(public.got()) != 1 || len(inside.got()) != 0 {
		t.Errorf("sent to what is public %q, and inside %q", public.got(), inside.got())
	}
}

func TestRedirectsAreFollowedOnlyAsAPostAndOnlyOutside(t *testing.T) {
	inside := newReceiver(t, "", fine)
	inside.Start()
	public := newReceiver(t, "127.0.0.2:0", func(w http.ResponseWriter, r *http.Request) {
		status, to, found := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		if !found {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		code, _ := strconv.Atoi(status)
		n, err := strconv.Atoi(to)
		switch {
		case err == nil && n > 0:
			to = fmt.Sprintf("/%d/%d", code, n-1)
		case err == nil:
			to = "/end"
		default:
			to, _ = url.PathUnescape(r.URL.RawQuery)
		}
		w.Header().Set("Location", to)
		w.WriteHeader(code)
	})
	public.Start()
	s := newSender(outside, names(t, func(name string, _ int) netip.Addr {
		if name == "inside.example" {
			return netip.MustParseAddr("127.0.0.1")
		}
		return netip.MustParseAddr("127.0.0.2")
	}), nil)
	_, insidePort, _ := net.SplitHostPort(inside.Listener.Addr().String())
	tests := []struct {
		path string
		want Outcome
		sent string // last
	}{
		{"/307/0", Outcome{Status: 204}, `POST /end {"a":"<b>"}`},
		{"/308/2", Outcome{Status: 204}, `POST /end {"a":"<b>"}`},
		{"/307/3", Outcome{Word: RedirectRefused}, `POST /307/0 {"a":"<b>"}`},
		{"/301/0", Outcome{Status: 301}, `POST /301/0 {"a":"<b>"}`},
		{"/302/0", Outcome{Status: 302}, `POST /302/0 {"a":"<b>"}`},
		{"/303/0", Outcome{Status: 303}, `POST /303/0 {"a":"<b>"}`},
		{"/307/x?" + url.PathEscape(inside.URL), Outcome{Word: RedirectRefused}, ""},
		{"/307/x?" + url.PathEscape("https://127.0.0.1:"+insidePort), Outcome{Word: RedirectRefused}, ""},
		{"/307/x?" + url.PathEscape("https://169.254.169.254/"), Outcome{Word: RedirectRefused}, ""},
		{"/307/x?" + url.PathEscape("https://inside.example:"+insidePort), Outcome{Word: AddressRefused}, ""},
		{"/307/x?" + url.PathEscape("http://outside.example/"), Outcome{Word: RedirectRefused}, ""},
		{"/308/x?" + url.PathEscape("https://me:a@outside.example/"), Outcome{Word: RedirectRefused}, ""},
		{"/308/x?" + url.PathEscape("file:///etc/passwd"), Outcome{Word: RedirectRefused}, ""},
	}
	for _, test := range tests {
		t.Run(test.path, func(t *testing.T) {
			got := post(t, s, public.URL+test.path)
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
			all := public.got()
			if test.sent != "" && all[len(all)-1] != test.sent {
				t.Errorf("the last that was sent: %s", all[len(all)-1])
			}
		})
	}
	if got := inside.got(); len(got) > 0 {
		t.Errorf("sent inside: %q", got)
	}
}
