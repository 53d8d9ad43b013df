package deployment

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"time"
)

// proxy answers for the hosts of outside, to whom trusts its certificate: functions are
// deployed as they are, and call https://zoom.us, by HTTPS_PROXY and SSL_CERT_FILE.
type proxy struct {
	url         string
	certificate string // file
	asked, held *http.Server
}

// openProxy opens it for the hosts that are known by now, and those that will be.
func openProxy(ctx context.Context, certificate string, outside *Outside, later ...string) (*proxy, error) {
	identity, err := issue(certificate, append(outside.hosts(), later...))
	if err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	connections := &tunnels{address: l.Addr(), opened: make(chan net.Conn), closed: make(chan struct{})}
	p := &proxy{
		url: "http://" + l.Addr().String(), certificate: certificate,
		asked: &http.Server{Handler: connections, ReadHeaderTimeout: time.Second},
		held: &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: &httputil.ReverseProxy{
			Transport: outside,
			Rewrite:   func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "https", r.In.Host },
		}},
	}
	go func() { _ = p.asked.Serve(l) }() // until close
	go func() {
		_ = p.held.Serve(tls.NewListener(connections, &tls.Config{Certificates: []tls.Certificate{identity}, MinVersion: tls.VersionTLS12}))
	}()
	return p, nil
}

func (p *proxy) close() {
	_ = p.asked.Close()
	_ = p.held.Close()
}

// tunnels takes CONNECT, and hands the connections over as a listener does.
type tunnels struct {
	address net.Addr
	opened  chan net.Conn
	closed  chan struct{}
}

func (t *tunnels) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		http.Error(w, "this is for https alone", http.StatusMethodNotAllowed)
		return
	}
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if _, err := c.Write([]byte("HTTP/1.1 200 OK\r\n\r\n")); err != nil {
		_ = c.Close()
		return
	}
	select {
	case t.opened <- c:
	case <-t.closed:
		_ = c.Close()
	}
}

func (t *tunnels) Accept() (net.Conn, error) {
	select {
	case c := <-t.opened:
		return c, nil
	case <-t.closed:
		return nil, net.ErrClosed
	}
}

func (t *tunnels) Close() error {
	close(t.closed)
	return nil
}

func (t *tunnels) Addr() net.Addr { return t.address }

// issue makes a certificate for the hosts, and writes it to the file for those who are
// to trust it. It is nobody's authority.
func issue(file string, hosts []string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "outside"}, DNSNames: hosts,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("make a certificate: %w", err)
	}
	var content bytes.Buffer
	if err := pem.Encode(&content, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
		return tls.Certificate{}, fmt.Errorf("write a certificate: %w", err)
	}
	if err := os.WriteFile(file, content.Bytes(), 0o600); err != nil {
		return tls.Certificate{}, fmt.Errorf("write a certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
