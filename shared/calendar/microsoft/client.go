// Package microsoft speaks to the calendars of Microsoft Graph (v1.0) in the
// words of package calendar, for work, school and personal accounts alike. It
// knows the calls that Yakusoku makes and what their answers mean; of tokens,
// hosts and retries it knows nothing.
package microsoft

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Client makes the calls, with plain net/http: Microsoft's SDK would be most of
// a Lambda's binary. It is safe for concurrent use.
type Client struct {
	// HTTP adds the host's access token to each request, renews it when it is
	// stale, and bounds how long a call may take.
	HTTP *http.Client
	// Base is the API's origin, such as https://graph.microsoft.com.
	Base string
}

// apiPath is below Base.
const apiPath = "/v1.0/"

// answerLimit bounds what is read of an answer, in bytes. The largest that we
// ask for, a page of a calendar's view, stays far below it.
const answerLimit = 8 << 20

// preferences go with every call: ids that stay when the host moves an event to
// another calendar, and times in UTC (learn.microsoft.com/graph/outlook-immutable-id,
// …/graph/api/resources/datetimetimezone).
const preferences = `IdType="ImmutableId", outlook.timezone="UTC"`

// call is one request to the API.
type call struct {
	op     string // what is being done, for errors
	method string
	path   string // below apiPath, each part escaped
	query  url.Values
	body   any // sent as JSON unless nil
}

// do makes the call and reads the answer's JSON into answer, or expects the
// answer to be empty if answer is nil.
func (c *Client) do(ctx context.Context, call call, answer any) error {
	target := call.path
	if len(call.query) > 0 {
		// Graph reads a plus sign in a filter as itself.
		target += "?" + strings.ReplaceAll(call.query.Encode(), "+", "%20")
	}
	return c.send(ctx, call, target, answer)
}

// send is do for a target that is complete: path and query, below apiPath.
func (c *Client) send(ctx context.Context, call call, target string, answer any) error {
	request, err := c.request(ctx, call, target)
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
			return &Unavailable{Op: call.op, Err: errNotMicrosofts}
		}
		return nil
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return &Unavailable{Op: call.op, Err: errNotMicrosofts}
	}
	return nil
}

// request builds the HTTP request. Its body can be read again, so that the
// transport may repeat it with a renewed token.
func (c *Client) request(ctx context.Context, call call, target string) (*http.Request, error) {
	var body io.Reader
	if call.body != nil {
		text, err := json.Marshal(call.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, call.method, c.Base+apiPath+target, body)
	if err != nil {
		return nil, withoutURL(err)
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Prefer", preferences)
	if call.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// withoutURL takes the request's URL out of an error: it names the host's
// calendars and events.
func withoutURL(err error) error {
	if in, ok := errors.AsType[*url.Error](err); ok {
		return in.Err
	}
	return err
}

// page is one page of a list. Value is nil in what is no list.
type page[T any] struct {
	Value *[]T   `json:"value"`
	Next  string `json:"@odata.nextLink"`
}

// maxPages bounds a list.
const maxPages = 50

// list reads all pages of a list.
func list[T any](ctx context.Context, c *Client, call call) ([]T, error) {
	var all []T
	var next string
	for range maxPages {
		var page page[T]
		var err error
		if next == "" {
			err = c.do(ctx, call, &page)
		} else {
			err = c.send(ctx, call, next, &page)
		}
		if err != nil {
			return nil, err
		}
		if page.Value == nil {
			return nil, &Unavailable{Op: call.op, Err: errNotMicrosofts}
		}
		all = append(all, *page.Value...)
		if page.Next == "" {
			return all, nil
		}
		if next, err = following(page.Next); err != nil {
			return nil, &Unavailable{Op: call.op, Err: err}
		}
	}
	return nil, &Unavailable{Op: call.op, Err: fmt.Errorf("more than %d pages: %w", maxPages, errNotMicrosofts)}
}

// following is where a link to the next page leads, below apiPath. The link's
// origin is not followed: the host's token goes to Base alone.
func following(link string) (string, error) {
	to, err := url.Parse(link)
	if err != nil {
		return "", errNotMicrosofts
	}
	target, ok := strings.CutPrefix(to.RequestURI(), apiPath)
	if !ok {
		return "", errNotMicrosofts
	}
	return target, nil
}
