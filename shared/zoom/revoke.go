package zoom

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// revokeAnswerLimit bounds what is read of an answer, in bytes.
const revokeAnswerLimit = 64 << 10

// Revoke ends the grant that the access token stands for, at Zoom's sign-in
// (authBase, such as https://zoom.us). Of a token that has expired Zoom may not
// know the grant: hand it a fresh one. A token that Zoom does not know, or no
// longer, is no error. It returns *Refused where our own id or secret is wrong,
// *RateLimited, or *Unavailable.
func Revoke(ctx context.Context, client *http.Client, authBase, clientID, secret, token string) error {
	const op = "revoke the grant"
	form := url.Values{"token": {token}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, authBase+"/oauth/revoke", strings.NewReader(form))
	if err != nil {
		return fmt.Errorf("zoom: %s: %w", op, withoutURL(err))
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(clientID, secret)
	response, err := client.Do(request)
	if err != nil {
		return &Unavailable{Op: op, Err: withoutURL(err)}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, revokeAnswerLimit))
	if err != nil {
		return &Unavailable{Op: op, Err: fmt.Errorf("read the answer: %w", err)}
	}
	var said struct {
		Status string `json:"status"`
		Error  string `json:"error"`
		Reason string `json:"reason"`
	}
	readable := json.Unmarshal(body, &said) == nil
	switch {
	case response.StatusCode == http.StatusOK && readable && said.Status == "success":
		return nil
	case response.StatusCode == http.StatusOK:
		return &Unavailable{Op: op, Err: errNotZooms}
	case readable && unknownToken(said.Error, said.Reason):
		return nil
	case readable && said.Error == "invalid_client":
		return &Refused{Op: op, Status: response.StatusCode, TrackingID: response.Header.Get("X-Zm-Trackingid")}
	case response.StatusCode == http.StatusTooManyRequests:
		return &RateLimited{Op: op, RetryAfter: retryAfter(response.Header, time.Now())}
	}
	return &Unavailable{Op: op, Status: response.StatusCode, Err: fmt.Errorf("status %d", response.StatusCode)}
}

// unknownToken reads how the sign-in says that a token is dead: an older one used
// invalid_request.
func unknownToken(code, reason string) bool {
	return code == "invalid_grant" || code == "invalid_token" || code == "invalid_request" && strings.Contains(reason, "Invalid Token")
}
