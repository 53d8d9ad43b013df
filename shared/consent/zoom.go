package consent

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"golang.org/x/oauth2"

	"yakusoku/shared/connection"
	"yakusoku/shared/zoom"
)

// Zoom is a host's Zoom account.
type Zoom struct {
	ClientID, Secret string
	AuthBase         string // https://zoom.us
	APIBase          string // for every account; empty: where its token answer says
	AllowBasic       bool   // whether accounts on the free plan may be connected
}

// Options are none: Zoom takes no scope in the URL, and no other extras.
func (Zoom) Options() []oauth2.AuthCodeOption { return nil }

// What the console explains of a Zoom account.
const (
	AutoSummary = "zoom_auto_summary" // meetings start a summary by themselves
	BasicPlan   = "zoom_basic_plan"   // meetings end after 40 minutes
)

// zoomScopes are needed, each under its granular and its classic name: an older
// app has the second. Changing a meeting has a way round (delete and create) and
// the settings are only a hint, so neither is here.
var zoomScopes = [][2]string{
	{"user:read:user", "user:read"},
	{"meeting:write:meeting", "meeting:write"},
	{"meeting:delete:meeting", "meeting:write"},
	{"meeting:read:list_meetings", "meeting:read"},
}

// Missing looks for what the saga asks of Zoom.
func (Zoom) Missing(granted []string) string {
	for _, scope := range zoomScopes {
		if !slices.Contains(granted, scope[0]) && !slices.Contains(granted, scope[1]) {
			return scope[0]
		}
	}
	return ""
}

// hintWithin bounds what is asked for a warning alone: the host waits for it.
const hintWithin = 2 * time.Second

// Identify asks Zoom who the user is and what they are licensed for, and looks at
// their settings.
func (z Zoom) Identify(ctx context.Context, client *http.Client, apiBase string, _ *oauth2.Token) (connection.Account, []string, error) {
	c := &zoom.Client{HTTP: client, Base: cmp.Or(z.APIBase, apiBase, zoom.DefaultBase)}
	user, err := c.User(ctx)
	if err != nil {
		return connection.Account{}, nil, refused(err)
	}
	account := connection.Account{ID: user.ID, Email: user.Email}
	var warnings []string
	switch {
	case !user.Active():
		return account, nil, &connection.Refused{Why: connection.AccessDenied, Err: errors.New("the Zoom user is not active")}
	case user.Type == zoom.Licensed:
	case user.Type == zoom.Basic && z.AllowBasic:
		warnings = append(warnings, BasicPlan)
	default:
		return account, nil, &connection.Refused{Why: connection.PlanUnsupported}
	}
	hinted, cancel := context.WithTimeout(ctx, hintWithin)
	defer cancel()
	settings, err := c.Settings(hinted)
	if err != nil { // a hint that is missing keeps nobody from connecting
		slog.WarnContext(ctx, "Zoom settings not read", "error", err)
	}
	if settings.AutoSummary != nil && *settings.AutoSummary {
		warnings = append(warnings, AutoSummary)
	}
	return account, warnings, nil
}

func refused(err error) error {
	why := connection.ProviderUnavailable
	if answer := (*zoom.Refused)(nil); errors.As(err, &answer) {
		why = connection.ExchangeFailed
	}
	return &connection.Refused{Why: why, Err: err}
}

// Revoke ends the grant.
func (z Zoom) Revoke(ctx context.Context, client *http.Client, t connection.Tokens) error {
	return zoom.Revoke(ctx, client, z.AuthBase, z.ClientID, z.Secret, t.Access)
}
