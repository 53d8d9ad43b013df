package connection

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
)

// bearer authenticates requests with the grant's access token. A 401 renews the
// grant and repeats the request. A second 401, to a token that was just given, says
// that the grant is dead, as other answers may: it is marked so, and the answer is
// the caller's. Unless another pair is stored by then: its host has connected again,
// which ended the one just given, and the request is repeated with theirs.
type bearer struct {
	keeper   *Keeper
	next     http.RoundTripper
	host     string
	provider Provider

	mu     sync.Mutex
	access string
}

func (b *bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	access, attempt := b.token(), r
	for repeats := 0; ; repeats++ {
		res, err := b.next.RoundTrip(signed(attempt, access))
		if err != nil || res.StatusCode != http.StatusUnauthorized {
			return b.look(r, res, access), err
		}
		if repeats > 0 && !b.lapse(r, access) || repeats == mostRepeats {
			return res, nil
		}
		if attempt, err = repeatable(r); err != nil {
			return res, nil // answered all the same: its 401 is what there is to say
		}
		drain(res)
		if access, err = b.renew(r, access); err != nil {
			return nil, err
		}
	}
}

// mostRepeats are one with a renewed pair, and one with a pair that its host's new
// consent brought meanwhile.
const mostRepeats = 2

// endLimit bounds what is looked at of a refusal, in bytes.
const endLimit = 64 << 10

// look marks the grant dead if the answer says that it does not do, and returns
// the answer, to be read whole.
func (b *bearer) look(r *http.Request, res *http.Response, access string) *http.Response {
	ends := b.keeper.Ends[b.provider]
	if ends == nil || res == nil || res.StatusCode < 300 || res.StatusCode > 499 || res.StatusCode == http.StatusUnauthorized {
		return res
	}
	start, err := io.ReadAll(io.LimitReader(res.Body, endLimit))
	rest := res.Body
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(start), rest), rest}
	if err == nil && ends(res.StatusCode, start) {
		b.lapse(r, access)
	}
	return res
}

// lapse marks the grant dead, or reports that another pair is stored by now.
func (b *bearer) lapse(r *http.Request, access string) (replaced bool) {
	replaced, err := b.keeper.lapse(r.Context(), b.host, b.provider, access)
	if err != nil && !Lost(err) {
		slog.WarnContext(r.Context(), "a refused grant was not marked dead", "provider", b.provider, "error", err)
	}
	return replaced
}

func (b *bearer) token() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.access
}

func (b *bearer) renew(r *http.Request, rejected string) (string, error) {
	_, t, err := b.keeper.fresh(r.Context(), b.host, b.provider, rejected)
	if err != nil {
		return "", err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.access = t.Access
	return t.Access, nil
}

func signed(r *http.Request, access string) *http.Request {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+access)
	return r
}

// repeatable returns the request with its body as at first.
func repeatable(r *http.Request) (*http.Request, error) {
	again := r.Clone(r.Context())
	if r.Body == nil || r.Body == http.NoBody {
		return again, nil
	}
	if r.GetBody == nil {
		return nil, fmt.Errorf("%s %s: the body cannot be sent twice", r.Method, r.URL.Path)
	}
	body, err := r.GetBody()
	if err != nil {
		return nil, err
	}
	again.Body = body
	return again, nil
}

// drain lets the connection be used again.
func drain(res *http.Response) {
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	_ = res.Body.Close()
}
