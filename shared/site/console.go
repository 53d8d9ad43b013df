package site

import (
	"net/http"
	"strings"
)

// Console is where hosts sign in, and for which client.
type Console struct {
	Issuer   string   `json:"issuer"`   // the OpenID provider's identifier
	ClientID string   `json:"clientId"` // the console's: a public client
	Origin   string   `json:"origin"`   // that guests and hosts see
	Origins  []string `json:"-"`        // that the console's script calls besides ours
}

// console answers every address of the host's SPA with its shell: the script
// finds the screen.
func (s *Site) console(w http.ResponseWriter, r *http.Request) {
	l := languageOf(r, "")
	show(w, r, http.StatusOK, "console.html", document{
		Language: l, Title: "Yakusoku", Private: true, Bundle: s.assets.console, Scripted: true,
		DataID: "config", Data: s.host, Calls: s.host.Origins,
	})
}

// calls is the connect-src of a page whose script calls other origins too.
func calls(origins []string) string {
	return strings.Join(append([]string{"'self'"}, origins...), " ")
}
