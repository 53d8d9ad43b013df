package connection

import "golang.org/x/oauth2"

// ZoomOAuth is Zoom's side of OAuth: client id and secret in the header
// (developers.zoom.us/docs/integrations/oauth). It names no scopes: those ticked
// in the Marketplace app are what a user is asked for.
func ZoomOAuth(id, secret, base string) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     id,
		ClientSecret: secret,
		Endpoint: oauth2.Endpoint{
			AuthURL:   base + "/oauth/authorize",
			TokenURL:  base + "/oauth/token",
			AuthStyle: oauth2.AuthStyleInHeader,
		},
	}
}

// GoogleOAuth is Google's: client id and secret in the body. The scopes are the
// least that cover what is asked of a calendar; openid and email say whose it is.
func GoogleOAuth(id, secret, authBase, tokenBase string) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     id,
		ClientSecret: secret,
		Endpoint: oauth2.Endpoint{
			AuthURL:   authBase + "/o/oauth2/v2/auth",
			TokenURL:  tokenBase + "/token",
			AuthStyle: oauth2.AuthStyleInParams,
		},
		Scopes: []string{
			"openid", "email",
			googleScope + "calendar.events.owned",
			googleScope + "calendar.calendarlist.readonly",
			googleScope + "calendar.events.freebusy",
		},
	}
}

const googleScope = "https://www.googleapis.com/auth/"

// MicrosoftOAuth is that of the identity platform, for accounts of any tenant and
// personal ones. offline_access asks for a refresh token.
func MicrosoftOAuth(id, secret, base string) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     id,
		ClientSecret: secret,
		Endpoint: oauth2.Endpoint{
			AuthURL:   base + "/common/oauth2/v2.0/authorize",
			TokenURL:  base + "/common/oauth2/v2.0/token",
			AuthStyle: oauth2.AuthStyleInParams,
		},
		Scopes: []string{"openid", "email", "offline_access", "User.Read", "Calendars.ReadWrite"},
	}
}
