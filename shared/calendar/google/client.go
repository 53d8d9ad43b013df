// Package google speaks to the Google Calendar API (v3) in the words of package
// calendar. It knows the calls that Yakusoku makes and what their answers mean;
// of tokens, hosts and retries it knows nothing.
package google

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

// Client makes the calls, with plain net/http: the official client
// (google.golang.org/api) about doubles a Lambda's init. It is safe for
// concurrent use.
type Client struct {
	// HTTP adds the host's access token to each request, renews it when it is
	// stale, and bounds how long a call may take.
	HTTP *http.Client
	// Base is the API's origin, such as https://www.googleapis.com.
	Base string
}

// answerLimit bounds what is read of an answer, in bytes. The largest that we
// ask for, three months of 50 calendars' busy times, stays far below it.
const answerLimit = 8 << 20

// call is one request to the API.
type call struct {
	op     string // what is being done, for errors
	method string
	path   string // below /calendar/v3/, each part escaped
	query  url.Values
	body   any // sent as JSON unless nil
}

// do makes the call and reads the answer's JSON into answer, or expects the
// answer to be empty if answer is nil.
func (c *Client) do(ctx context.Context, call call, answer any) error {
	request, err := c.request(ctx, call)
	if err != nil {
		return fmt.Errorf("%s: %w", call.op, err)
	}
	response, err := c.HTTP.Do(request)
	if err != nil {
		return &Unavailable{Op: call.op, Err: withoutURL(err)}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, answerLimit+1))
	if err != nil {
		return &Unavailable{Op: call.op, Err: fmt.Errorf("read the answer: %w", err)}
	}
	if len(body) > answerLimit {
		return &Unavailable{Op: call.op, Err: errTooLong}
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return failure(call.op, response, body)
	}
	if answer == nil {
		if response.StatusCode != http.StatusNoContent {
			return &Unavailable{Op: call.op, Err: errNotGoogles}
		}
		return nil
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return &Unavailable{Op: call.op, Err: errNotGoogles}
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
	target := c.Base + "/calendar/v3/" + call.path
	if len(call.query) > 0 {
		target += "?" + call.query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, call.method, target, body)
	if err != nil {
		return nil, withoutURL(err)
	}
	request.Header.Set("Accept", "application/json")
	if call.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// withoutURL takes the request's URL out of an error: the id of a primary
// calendar is its owner's mail address.
func withoutURL(err error) error {
	if in, ok := errors.AsType[*url.Error](err); ok {
		return in.Err
	}
	return err
}
