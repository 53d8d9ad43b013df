package deployment

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/oauth2"
)

// signInHost serves the user pool: its configuration and keys, and here its managed
// login too.
const signInHost = "cognito-idp." + Region + ".amazonaws.com"

// Invite adds a host to the user pool, with a password for their first sign-in.
func (a *Account) Invite(ctx context.Context, email string) (password string, err error) {
	pool, err := a.Output(ctx, "UserPool")
	if err != nil {
		return "", err
	}
	password = rand.Text()
	body, err := json.Marshal(map[string]any{
		"UserPoolId": pool, "Username": email, "TemporaryPassword": password,
		"UserAttributes": []map[string]string{{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}},
	})
	if err != nil {
		return "", fmt.Errorf("invite %s: %w", email, err)
	}
	_, err = a.call(ctx, "cognito-idp", http.MethodPost, "/", "application/x-amz-json-1.1", string(body),
		map[string]string{"X-Amz-Target": "AWSCognitoIdentityProviderService.AdminCreateUser"})
	return password, err
}

// SignIn goes the console's way: its configuration, the issuer's, the login's forms, and
// the exchange of the code. It returns the access token. Who signs in for the first time
// chooses the password next.
func (a *Account) SignIn(ctx context.Context, origin, email, password, next string) (string, error) {
	browser := &http.Client{Transport: a.outside, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, browser)
	client, err := console(ctx, browser, origin)
	if err != nil {
		return "", err
	}
	verifier := oauth2.GenerateVerifier()
	page := client.AuthCodeURL("state", oauth2.S256ChallengeOption(verifier))
	response, err := get(ctx, browser, page)
	filled := url.Values{"username": {email}, "password": {password}, "new_password": {next}, "confirm_password": {next}}
	for tries := 0; err == nil && response.StatusCode == http.StatusOK && tries < 2; tries++ {
		response, err = submit(ctx, browser, response, filled)
	}
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	defer response.Body.Close()
	back, err := response.Location()
	if err != nil || back.Query().Get("code") == "" || back.Query().Get("state") != "state" {
		return "", fmt.Errorf("sign in: %s leads to %s", response.Status, back)
	}
	token, err := client.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	return token.AccessToken, nil
}

var configuration = regexp.MustCompile(`(?s)<script[^>]*id="?config"?[^>]*>(.*?)</script>`)

// console is the client that the console's page says it is.
func console(ctx context.Context, browser *http.Client, origin string) (*oauth2.Config, error) {
	response, err := get(ctx, browser, origin+"/console")
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("read the console: %w", err)
	}
	found := configuration.FindSubmatch(page)
	if found == nil {
		return nil, fmt.Errorf("the console says nothing of its sign-in: %s, %s", response.Status, page)
	}
	var said struct{ Issuer, ClientID, Origin string }
	if err := json.Unmarshal(found[1], &said); err != nil {
		return nil, fmt.Errorf("read the console's configuration: %w", err)
	}
	discovered, err := get(ctx, browser, said.Issuer+"/.well-known/openid-configuration")
	if err != nil {
		return nil, err
	}
	defer discovered.Body.Close()
	var endpoints struct {
		Issuer    string
		Authorize string `json:"authorization_endpoint"`
		Token     string `json:"token_endpoint"`
	}
	if err := json.NewDecoder(discovered.Body).Decode(&endpoints); err != nil || endpoints.Issuer != said.Issuer {
		return nil, fmt.Errorf("discover the issuer %s: %s, %+v, %w", said.Issuer, discovered.Status, endpoints, err)
	}
	return &oauth2.Config{
		ClientID: said.ClientID, RedirectURL: said.Origin + "/console/signed-in", Scopes: []string{"openid", "email", "profile"},
		Endpoint: oauth2.Endpoint{AuthURL: endpoints.Authorize, TokenURL: endpoints.Token, AuthStyle: oauth2.AuthStyleInParams},
	}, nil
}

func get(ctx context.Context, browser *http.Client, address string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	return browser.Do(request)
}

// submit fills in the page's form, as far as it asks, and sends it.
func submit(ctx context.Context, browser *http.Client, page *http.Response, filled url.Values) (*http.Response, error) {
	defer page.Body.Close()
	document, err := html.Parse(page.Body)
	if err != nil {
		return nil, err
	}
	form, action := url.Values{}, page.Request.URL
	for node := range document.Descendants() {
		attributes := map[string]string{}
		for _, a := range node.Attr {
			attributes[a.Key] = a.Val
		}
		switch name := attributes["name"]; {
		case node.Data == "form":
			if action, err = action.Parse(attributes["action"]); err != nil {
				return nil, err
			}
		case node.Data == "input" && filled.Has(name):
			form.Set(name, filled.Get(name))
		case node.Data == "input":
			form.Set(name, attributes["value"])
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, action.String(), strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return browser.Do(request)
}
