package consent

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"golang.org/x/oauth2"

	"yakusoku/shared/connection"
)

// Microsoft is a host's account of Microsoft 365 or Outlook.com.
type Microsoft struct {
	APIBase string // https://graph.microsoft.com
}

// Options let the host choose among the accounts that the browser knows.
func (Microsoft) Options() []oauth2.AuthCodeOption {
	return []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("prompt", "select_account")}
}

// Missing looks for the scopes that the token answer names: it leaves out openid,
// email and offline_access, and may put Graph's address before the others.
func (Microsoft) Missing(granted []string) string {
	short := make([]string, len(granted))
	for i, scope := range granted {
		short[i] = strings.TrimPrefix(scope, "https://graph.microsoft.com/")
	}
	return missing(short, "User.Read", "Calendars.ReadWrite")
}

// Identify asks Graph who the user is.
func (m Microsoft) Identify(ctx context.Context, client *http.Client, _ string, _ *oauth2.Token) (connection.Account, []string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, m.APIBase+"/v1.0/me?$select=id,mail,userPrincipalName", nil)
	if err != nil {
		return connection.Account{}, nil, err
	}
	res, err := client.Do(r)
	if err != nil {
		return connection.Account{}, nil, &connection.Refused{Why: connection.ProviderUnavailable, Err: errors.New("Microsoft did not answer")}
	}
	defer res.Body.Close()
	var user struct {
		ID        string `json:"id"`
		Mail      string `json:"mail"`
		Principal string `json:"userPrincipalName"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 64<<10)).Decode(&user); err != nil || res.StatusCode != http.StatusOK || user.ID == "" {
		return connection.Account{}, nil, &connection.Refused{Why: connection.ProviderUnavailable, Err: errors.New("Microsoft did not say who the user is")}
	}
	return connection.Account{ID: user.ID, Email: cmp.Or(user.Mail, user.Principal)}, nil, nil
}

// Revoke does nothing: Microsoft has no revocation of one grant (RFC 7009). The
// console tells the host where to end it.
func (Microsoft) Revoke(context.Context, *http.Client, connection.Tokens) error { return nil }
