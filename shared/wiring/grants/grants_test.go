package grants

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"golang.org/x/oauth2"

	"yakusoku/shared/connection"
	"yakusoku/shared/vault"
	"yakusoku/shared/wiring"
)

// grant is a ledger of one connection, which is never renewed.
type grant struct {
	connection.Ledger
	connection connection.Connection
}

func (g *grant) Connection(context.Context, string, connection.Provider) (connection.Connection, error) {
	return g.connection, nil
}

// A provider that answers with a redirect, or whoever answers in its place, must not
// lead the host's token, a guest's data or our client's secret elsewhere.
func TestATokenFollowsNoRedirect(t *testing.T) {
	var led []string
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		led = append(led, r.Method+" "+r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	provider := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer provider.Close()
	key, err := vault.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, key, 0o600); err != nil {
		t.Fatal(err)
	}
	keeper, err := Config{Patience: wiring.Patience{ProviderTimeout: time.Second}, VaultKey: "file://" + file}.Keeper(t.Context(), nil, aws.Config{},
		map[connection.Provider]*oauth2.Config{connection.Zoom: connection.ZoomOAuth("id", "secret", provider.URL)})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := keeper.Seal(t.Context(), connection.Connection{Host: "hanako", Provider: connection.Zoom, Status: connection.Connected},
		&oauth2.Token{AccessToken: "access", RefreshToken: "refresh", Expiry: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	keeper.Ledger = &grant{connection: sealed}
	client, _, err := keeper.Client(t.Context(), "hanako", connection.Zoom)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Post(provider.URL+"/v2/users/me/meetings", "application/json", strings.NewReader(`{"topic":"Taro"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("the call was answered %d", res.StatusCode)
	}
	exchange := context.WithValue(t.Context(), oauth2.HTTPClient, keeper.HTTP)
	if _, err := keeper.OAuth[connection.Zoom].Exchange(exchange, "code"); err == nil {
		t.Error("a redirect passed for a token")
	}
	if led != nil {
		t.Errorf("led elsewhere: %v", led)
	}
}
