// Package zoom speaks to the Zoom Meeting API (v2). It knows the calls that
// Yakusoku makes and what their answers mean; of tokens, hosts and retries it
// knows nothing.
package zoom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// DefaultBase is where an account is asked whose token answer does not say.
const DefaultBase = "https://api.zoom.us"

// Client makes the calls. It is safe for concurrent use.
type Client struct {
	// HTTP adds the host's access token to each request, renews it when it is
	// stale, and bounds how long a call may take.
	HTTP *http.Client
	// Base is the API's origin for the account: the token answer's api_url, such
	// as https://api.zoom.us.
	Base string
}

// answerLimit bounds what is read of an answer, in bytes; a page of 300 meetings
// stays far below it.
const answerLimit = 4 << 20

// call is one request to the API.
type call struct {
	op     string // what is being done, for errors
	method string
	path   string // below /v2/
	query  url.Values
	body   any // sent as JSON unless nil
}

// do makes the call and reads the answer's JSON into answer. A nil answer means
// that success is 204, without a body.
func (c *Client) do(ctx context.Context, call call, answer any) error {
	request, err := c.request(ctx, call)
	if err != nil {
		return fmt.Errorf("zoom: %s: %w", call.op, err)
	}
	response, err := c.HTTP.Do(request)
	if err != nil {
		return &Unavailable{Op: call.op, Err: withoutURL(err)}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, answerLimit+1))
	switch {
	case err != nil:
		return &Unavailable{Op: call.op, Err: fmt.Errorf("read the answer: %w", err)}
	case len(body) > answerLimit:
		return &Unavailable{Op: call.op, Err: errors.New("the answer is too long")}
	case response.StatusCode < 200 || response.StatusCode > 299:
		return failure(call.op, response, body)
	case answer == nil && response.StatusCode == http.StatusNoContent:
		return nil
	case answer == nil || json.Unmarshal(body, answer) != nil:
		return &Unavailable{Op: call.op, Err: errNotZooms}
	}
	return nil
}

// request builds the HTTP request. Its body can be read again, so that the
// transport may repeat it with a renewed token.
func (c *Client) request(ctx context.Context, call call) (*http.Request, error) {
	var body io.Reader
	if call.body != nil {
		text, err := json.Marshal(call.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	target := c.Base + "/v2/" + call.path
	if len(call.query) > 0 {
		target += "?" + call.query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, call.method, target, body)
	if err != nil {
		return nil, withoutURL(err)
	}
	request.Header.Set("Accept", "application/json") // or an error may be XML
	if call.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// withoutURL takes the request's URL out of an error: the log needs the
// operation, not the address.
func withoutURL(err error) error {
	if in, ok := errors.AsType[*url.Error](err); ok {
		return in.Err
	}
	return err
}
