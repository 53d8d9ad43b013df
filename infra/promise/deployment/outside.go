package deployment

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
)

// Outside stands in for the internet: each host that is known leads to a server on this
// machine. Nobody who uses it is told so; their requests are for https://zoom.us.
type Outside struct {
	mu     sync.Mutex
	places map[string]place // by host
}

type place struct {
	at   url.URL
	host string // that the server is to see; empty: its own
}

// Lead makes requests to the hosts reach the server at base, as if they were meant for
// it.
func (o *Outside) Lead(base string, hosts ...string) error { return o.lead(base, "", hosts...) }

func (o *Outside) lead(base, seen string, hosts ...string) error {
	at, err := url.Parse(base)
	if err != nil {
		return fmt.Errorf("lead %v to %q: %w", hosts, base, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.places == nil {
		o.places = map[string]place{}
	}
	for _, host := range hosts {
		o.places[host] = place{at: *at, host: seen}
	}
	return nil
}

func (o *Outside) hosts() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Sorted(maps.Keys(o.places))
}

// RoundTrip is that of a browser, or of a function, out there.
func (o *Outside) RoundTrip(r *http.Request) (*http.Response, error) {
	o.mu.Lock()
	to, known := o.places[r.URL.Hostname()]
	o.mu.Unlock()
	if !known {
		return nil, fmt.Errorf("%s leads nowhere: no test may need the internet", r.URL.Host)
	}
	out := r.Clone(r.Context())
	out.Header.Set("X-Forwarded-Proto", r.URL.Scheme)
	out.URL.Scheme, out.URL.Host, out.Host = to.at.Scheme, to.at.Host, to.host
	response, err := http.DefaultTransport.RoundTrip(out)
	if response != nil {
		response.Request = r
	}
	return response, err
}
