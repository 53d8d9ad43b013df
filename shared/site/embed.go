package site

import (
	"fmt"
	"net/http"
	"strings"
)

// embedScript is the script of the web build that other sites load.
const embedScript = "embed.js"

// embed serves the script that opens booking pages on other sites. They know it by
// a name that never changes, so a new build reaches them within the hour.
func (s *Site) embed(w http.ResponseWriter, r *http.Request) {
	content, coding, err := s.assets.open(embedScript, r.Header.Get("Accept-Encoding"))
	if err != nil {
		fail(w, r, s.assets.guest, fmt.Errorf("read the embed script: %w", err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", assetTypes[".js"])
	h.Set("Cache-Control", "public, max-age=3600")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Add("Vary", "Accept-Encoding")
	if coding != "" {
		h.Set("Content-Encoding", coding)
	}
	_, _ = w.Write(content) // the caller may have left
}

// frameAncestors is the directive of a Content-Security-Policy that lets the sites
// at the origins, and no others, show a page in a frame. A page's settings are
// validated, so no origin can end the directive.
func frameAncestors(origins []string) string {
	if len(origins) == 0 {
		return "frame-ancestors 'none'"
	}
	return "frame-ancestors " + strings.Join(origins, " ")
}
