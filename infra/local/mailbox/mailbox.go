// Package mailbox keeps the local SES' mails across runs. The engine holds them
// in memory: what it accepts is kept as a file on the way through, and told to it
// again when it is new. A mail told again carries the time of that telling.
package mailbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

const (
	sendPath  = "/v2/email/outbound-emails"
	clearPath = "/clear-store"
	maxMail   = 40 << 20 // SES' own limit of a message
)

// Mailbox stands before an SES engine.
type Mailbox struct {
	folder string
	engine *url.URL
	proxy  http.Handler
}

// New returns a mailbox that keeps its mails in folder, which it makes.
func New(folder string, engine *url.URL) (*Mailbox, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the mailbox: %w", err)
	}
	m := &Mailbox{folder: folder, engine: engine}
	m.proxy = &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(engine) },
		ModifyResponse: m.keep,
	}
	return m, nil
}

// ServeHTTP passes requests on, and keeps each mail that the engine accepts
// before its sender hears of it.
func (m *Mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost && r.URL.Path == sendPath {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMail))
		if err != nil {
			http.Error(w, "the mail cannot be read", http.StatusRequestEntityTooLarge)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), mailKey{}, body))
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	m.proxy.ServeHTTP(w, r)
}

// mailKey finds a request's mail in its context.
type mailKey struct{}

// keep stores an accepted mail. If it cannot, the sender is told that sending
// failed.
func (m *Mailbox) keep(r *http.Response) error {
	if r.StatusCode != http.StatusOK {
		return nil
	}
	if r.Request.Method == http.MethodPost && r.Request.URL.Path == clearPath {
		return m.clear()
	}
	mail, ok := r.Request.Context().Value(mailKey{}).([]byte)
	if !ok {
		return nil
	}
	if err := m.store(mail); err != nil {
		return fmt.Errorf("keep a mail: %w", err)
	}
	return nil
}

// store writes a mail aside and renames it, so that a kill leaves no torn one.
func (m *Mailbox) store(mail []byte) error {
	// Names sort by time; CreateTemp keeps two of one instant apart.
	aside, err := os.CreateTemp(m.folder, time.Now().UTC().Format("20060102T150405.000000000")+"-*")
	if err != nil {
		return err
	}
	_, err = aside.Write(mail)
	if err := errors.Join(err, aside.Close()); err != nil {
		return err
	}
	return os.Rename(aside.Name(), aside.Name()+".json")
}

// Replay tells the engine every mail that was kept, the oldest first.
func (m *Mailbox) Replay(ctx context.Context) error {
	files, err := m.files()
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := m.tell(ctx, file); err != nil {
			return fmt.Errorf("replay %s: %w", filepath.Base(file), err)
		}
	}
	return nil
}

func (m *Mailbox) tell(ctx context.Context, file string) error {
	mail, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.engine.JoinPath(sendPath).String(), bytes.NewReader(mail))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256") // the engine asks for the scheme alone
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the engine answers %s", response.Status)
	}
	return nil
}

func (m *Mailbox) clear() error {
	files, err := m.files()
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := os.Remove(file); err != nil {
			return fmt.Errorf("empty the mailbox: %w", err)
		}
	}
	return nil
}

// files are in the order of their names, which is that of time.
func (m *Mailbox) files() ([]string, error) {
	return filepath.Glob(filepath.Join(m.folder, "*.json"))
}
