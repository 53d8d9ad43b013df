package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"yakusoku/infra/local/fault"
	"yakusoku/infra/local/invoke"
	"yakusoku/infra/local/lambdas"
)

// Ports of what people look at, counted from the front door's.
const (
	anyPort = iota
	mailboxPort
	zoomPort
	googlePort
	faultsPort
	signInPort
	microsoftPort
)

// listenFront takes the front door's port. It is not served yet, but from here
// on its address is known.
func (s *Stack) listenFront(ctx context.Context) (net.Listener, error) {
	l, err := listen(ctx, s.settings.Port)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d is in use: PORT=%d make run takes another", s.settings.Port, s.settings.Port+10)
	}
	if err != nil {
		return nil, err
	}
	s.Addresses.Front = address(l)
	return l, nil
}

// serveFunctions opens the host of the functions: its Runtime API, which no one
// else needs to find, and the Invoke API.
func (s *Stack) serveFunctions(ctx context.Context) error {
	runtime, err := listen(ctx, 0)
	if err != nil {
		return err
	}
	s.functions = lambdas.New(lambdas.Config{
		Address:      runtime.Addr().String(),
		MaxProcesses: s.settings.MaxProcesses,
		MaxWaiting:   s.settings.MaxWaiting,
	})
	s.serve(runtime, s.functions)
	s.Addresses.Lambda, err = s.open(ctx, anyPort, invoke.Endpoint(invoke.Faulty{Functions: s.functions, Faults: s.config.Faults}))
	return err
}

func (s *Stack) serveFaults(ctx context.Context) error {
	base, err := s.open(ctx, faultsPort, http.StripPrefix("/_faults", s.config.Faults))
	s.Addresses.Faults = base + "/_faults"
	return err
}

// open serves the handler and returns its base URL. place counts from the front
// door's port; a port that is taken, or anyPort, makes it any.
func (s *Stack) open(ctx context.Context, place int, handler http.Handler) (string, error) {
	port := 0
	if place != anyPort && s.settings.Port != 0 {
		port = s.settings.Port + place
	}
	l, err := listen(ctx, port)
	if errors.Is(err, syscall.EADDRINUSE) {
		l, err = listen(ctx, 0)
	}
	if err != nil {
		return "", err
	}
	s.serve(l, handler)
	return address(l), nil
}

func (s *Stack) serve(l net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	s.mu.Lock()
	s.servers = append(s.servers, server)
	s.mu.Unlock()
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("server ended", "address", l.Addr().String(), "error", err)
		}
	}()
}

func listen(ctx context.Context, port int) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return l, nil
}

func address(l net.Listener) string { return "http://" + l.Addr().String() }

// forward passes requests on to an engine.
func forward(to string) (http.Handler, error) {
	target, err := url.Parse(to)
	if err != nil {
		return nil, fmt.Errorf("forward to %s: %w", to, err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 256 // a rush of guests must not open one for each call
	transport.MaxIdleConns = 0
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
	}, nil
}

// doorkeeper leads requests on to an engine once it is there.
type doorkeeper struct{ to atomic.Pointer[http.Handler] }

func (d *doorkeeper) lead(to string) error {
	handler, err := forward(to)
	if err == nil {
		d.to.Store(&handler)
	}
	return err
}

func (d *doorkeeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if to := d.to.Load(); to != nil {
		(*to).ServeHTTP(w, r)
		return
	}
	http.Error(w, "starting", http.StatusServiceUnavailable)
}

// byOperation puts a service of AWS' JSON protocols under the rules: all of its
// calls are POSTs of /, so a rule names the operation in the path's place, as in
// "dynamodb POST /TransactWriteItems".
func byOperation(faults *fault.Faults, service string, next http.Handler) http.Handler {
	under := faults.Wrap(service, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/"
		next.ServeHTTP(w, r)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		r.URL.Path = "/" + operation
		under.ServeHTTP(w, r)
	})
}
