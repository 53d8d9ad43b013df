package site

import (
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"yakusoku/shared/problem"
)

// NotBuilt says that the web build is missing from the binary.
type NotBuilt struct{ Err error }

func (e *NotBuilt) Error() string {
	return "the web build is missing (npm ci && npm run build in functions/site/web, then build again): " + e.Err.Error()
}

func (e *NotBuilt) Unwrap() error { return e.Err }

// assets are the web build's files, and what each page loads of them.
type assets struct {
	files                fs.FS
	guest, docs, console bundle
}

// bundle is what one page loads, as URLs. Inline is the style's content, where it
// comes with the page so that the first paint waits for nothing else.
type bundle struct {
	Script, Style string
	Inline        template.CSS
}

// plainBundle is that of pages made where the web build is not at hand.
var plainBundle = bundle{Style: plainStyle}

// plainStyle names the guest's style of whichever build is served.
const plainStyle = "/assets/guest.css"

// readAssets finds the hashed names in the manifest that Vite writes.
func readAssets(web fs.FS) (assets, error) {
	raw, err := fs.ReadFile(web, "manifest.json")
	if err != nil {
		return assets{}, &NotBuilt{Err: err}
	}
	var manifest map[string]struct {
		File string   `json:"file"`
		CSS  []string `json:"css"`
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		return assets{}, fmt.Errorf("read the web build's manifest: %w", err)
	}
	a := assets{files: web}
	for entry, b := range map[string]*bundle{"src/main.tsx": &a.guest, "src/docs.ts": &a.docs, "src/console/main.tsx": &a.console} {
		built := manifest[entry]
		if built.File == "" || len(built.CSS) != 1 {
			return assets{}, fmt.Errorf("the web build's manifest does not have a script and a style for %s", entry)
		}
		*b = bundle{Script: "/" + built.File, Style: "/" + built.CSS[0]}
	}
	style, err := fs.ReadFile(web, strings.TrimPrefix(a.guest.Style, "/"))
	if err != nil {
		return assets{}, fmt.Errorf("read the guest's style: %w", err)
	}
	a.guest.Inline = template.CSS(style) // #nosec G203 -- a file of the build
	return a, nil
}

var assetTypes = map[string]string{
	".js":  "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
}

// compressions are the forms that the build adds to each file, best first.
var compressions = []struct{ coding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

// asset serves a file whose name has its content's hash in it, so that it may be
// kept for good.
func (s *Site) asset(w http.ResponseWriter, r *http.Request) {
	name, keep := "assets/"+r.PathValue("file"), "public, max-age=31536000, immutable"
	if "/"+name == plainStyle {
		name, keep = strings.TrimPrefix(s.assets.guest.Style, "/"), "public, max-age=300"
	}
	kind, ok := assetTypes[path.Ext(name)]
	if !ok {
		apologize(w, r, s.assets.guest, problem.NotFound)
		return
	}
	content, coding, err := s.assets.open(name, r.Header.Get("Accept-Encoding"))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		apologize(w, r, s.assets.guest, problem.NotFound)
		return
	}
	if err != nil {
		fail(w, r, s.assets.guest, fmt.Errorf("read an asset: %w", err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", keep)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Add("Vary", "Accept-Encoding")
	if coding != "" {
		h.Set("Content-Encoding", coding)
	}
	_, _ = w.Write(content) // #nosec G705 -- a file of the build; the caller may have left
}

// open reads a file in the best form that the browser accepts.
func (a assets) open(name, accept string) (content []byte, coding string, err error) {
	for _, c := range compressions {
		if !accepts(accept, c.coding) {
			continue
		}
		if content, err := fs.ReadFile(a.files, name+c.suffix); err == nil {
			return content, c.coding, nil
		}
	}
	content, err = fs.ReadFile(a.files, name)
	return content, "", err
}
