package page_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/page"
)

func TestADeploymentSaysWherePagesMayBeEmbedded(t *testing.T) {
	origins := []string{
		"https://www.example.com", "https://example.com", "https://a.b.example.com", "https://badexample.com",
		"https://www.example.com:8443", "https://shop.example.net", "http://localhost:3000",
	}
	tests := map[string]struct {
		sites string
		want  []string
	}{
		"anywhere where it does not":   {"", origins},
		"at the site alone":            {"https://example.com", []string{"https://example.com"}},
		"at every name below a domain": {"https://*.example.com", []string{"https://www.example.com", "https://a.b.example.com"}},
		"at a port":                    {"https://*.example.com:8443", []string{"https://www.example.com:8443"}},
		"at several":                   {"https://shop.example.net  https://example.com", []string{"https://example.com", "https://shop.example.net"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			sites, err := page.ParseSites(test.sites)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, sites.Allowed(origins)); diff != "" {
				t.Errorf("allowed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestASiteThatADeploymentDoesNotAllowIsNamed(t *testing.T) {
	sites := page.Sites{"https://*.example.com"}
	p := page.Page{EmbedOrigins: []string{"https://www.example.com", "https://example.org"}}
	want := []page.Problem{{Path: "embedOrigins[1]", Code: page.NotAllowed}}
	if diff := cmp.Diff(want, sites.Validate(p)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestWhatIsNoOriginIsNoSite(t *testing.T) {
	for _, text := range []string{
		"example.com", "http://example.com", "https://example.com/", "https://", "https://*", "https://*.", "https://a.*.example.com",
		"https://example.com; script-src *", "https://user@example.com", "https://EXAMPLE.com",
	} {
		if sites, err := page.ParseSites(text); err == nil {
			t.Errorf("%q: %q", text, sites)
		}
	}
}
