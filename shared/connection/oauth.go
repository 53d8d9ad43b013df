package connection

import "golang.org/x/oauth2"

// ZoomOAuth is Zoom's side of OAuth: client id and secret in the header
// (developers.zoom.us/docs/integrations/oauth).
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

// GoogleOAuth is Google's: client id and secret in the body.
func GoogleOAuth(id, secret, tokenBase string) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     id,
		ClientSecret: secret,
		Endpoint:     oauth2.Endpoint{TokenURL: tokenBase + "/token", AuthStyle: oauth2.AuthStyleInParams},
	}
}
