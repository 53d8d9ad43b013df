package hook

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

var local = Reach{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}

func TestOnlyAddressesThatMayBePublicAreTaken(t *testing.T) {
	tests := map[string]FieldCode{
		"https://receiver.example":                   "",
		"https://receiver.example/a?key=1&token=2#x": "",
		"https://receiver.example:8443/":             "",
		"HTTPS://Receiver.Example/":                  "",
		"https://日本語.example/":                       "",
		"https://93.184.216.34/":                     "",
		"https://[2606:2800:220:1::1]/":              "",
		"":                                           Required,
		"receiver.example":                           Malformed,
		"//receiver.example":                         Malformed,
		"https:receiver.example":                     Malformed,
		"https://":                                   Malformed,
		"https:///path":                              Malformed,
		"https://receiver.example:0/":                Malformed,
		"https://receiver.example:65536/":            Malformed,
		"https://receiver.example:/":                 Malformed,
		"https://receiver.example:https/":            Malformed,
		"https://receiver.example/\nHost: other":     Malformed,
		"https://receiver.example/a b":               Malformed,
		"https://receiver.example/\u202egpj":         Malformed,
		"ftp://receiver.example/":                    Malformed,
		"file:///etc/passwd":                         Malformed,
		"javascript:alert(1)":                        Malformed,
		"gopher://receiver.example/":                 Malformed,
		"https://" + strings.Repeat("a", 2000):       TooLong,
		"http://receiver.example/":                   NotHTTPS,
		"http://127.0.0.1/":                          NotHTTPS,
		"https://me@receiver.example/":               HasCredentials,
		"https://me:secret@receiver.example/":        HasCredentials,
		"https://localhost/":                         NotPublic,
		"https://LOCALHOST./":                        NotPublic,
		"https://a.localhost/":                       NotPublic,
		"https://intranet/":                          NotPublic,
		"https://printer.local/":                     NotPublic,
		"https://metadata.google.internal/":          NotPublic,
		"https://nas.home.arpa/":                     NotPublic,
		"https://127.0.0.1/":                         NotPublic,
		"https://127.1/":                             NotPublic,
		"https://2130706433/":                        NotPublic,
		"https://0x7f.0.0.1/":                        NotPublic,
		"https://0177.0.0.1/":                        NotPublic,
		"https://0x7f000001/":                        NotPublic,
		"https://127.0.0.1./":                        NotPublic,
		"https://0.0.0.0/":                           NotPublic,
		"https://0.1.2.3/":                           NotPublic,
		"https://10.0.0.1/":                          NotPublic,
		"https://100.64.0.1/":                        NotPublic,
		"https://169.254.169.254/":                   NotPublic,
		"https://172.16.0.1/":                        NotPublic,
		"https://192.0.0.1/":                         NotPublic,
		"https://192.168.1.1/":                       NotPublic,
		"https://198.18.0.1/":                        NotPublic,
		"https://224.0.0.1/":                         NotPublic,
		"https://240.0.0.1/":                         NotPublic,
		"https://255.255.255.255/":                   NotPublic,
		"https://[::]/":                              NotPublic,
		"https://[::1]/":                             NotPublic,
		"https://[::ffff:127.0.0.1]/":                NotPublic,
		"https://[::ffff:93.184.216.34]/":            NotPublic,
		"https://[64:ff9b::7f00:1]/":                 NotPublic,
		"https://[64:ff9b:1::a00:1]/":                NotPublic,
		"https://[2002:7f00:1::]/":                   NotPublic,
		"https://[2001::1]/":                         NotPublic,
		"https://[fc00::1]/":                         NotPublic,
		"https://[fd00:ec2::254]/":                   NotPublic,
		"https://[fe80::1]/":                         NotPublic,
		"https://[fe80::1%25eth0]/":                  NotPublic,
		"https://[2606:2800:220:1::1%25eth0]/":       NotPublic,
		"https://[ff02::1]/":                         NotPublic,
		"https://[100::1]/":                          NotPublic,
		"https://[5f00::1]/":                         NotPublic,
	}
	for address, want := range tests {
		if got := (Reach{}).Check(address); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}

func TestTheLocalRunReachesWhatItIsToldAndNoMore(t *testing.T) {
	for address, want := range map[string]FieldCode{
		"http://127.0.0.1:9000/":   "",
		"http://localhost:9000/":   "",
		"https://127.9.9.9/":       "",
		"http://10.0.0.1/":         NotHTTPS,
		"https://10.0.0.1/":        NotPublic,
		"http://[::1]/":            NotHTTPS,
		"http://receiver.example/": NotHTTPS,
		"http://a@127.0.0.1/":      HasCredentials,
		"https://receiver.example": "",
	} {
		if got := local.Check(address); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}

// Whatever is taken can be dialled to one place only: it is a name, or an address
// that the guardian lets through.
func FuzzAnAddressThatIsTakenIsPublic(f *testing.F) {
	for _, seed := range []string{
		"https://receiver.example/a", "https://127.0.0.1/", "https://[::1]/", "https://me:a@b.example/", "https://a.b@127.0.0.1/",
		"https://127.0.0.1\\@a.example/", "https://a.example:443:1/", "https://１２７.0.0.1/", "https://a.example%2f@b/", "HTTPS://A.EXAMPLE.:443",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if (Reach{}).Check(address) != "" {
			return
		}
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Hostname() == "" || len(address) > longestURL {
			t.Fatalf("%q was taken: %+v, %v", address, u, err)
		}
		if ip, err := netip.ParseAddr(strings.TrimSuffix(u.Hostname(), ".")); err == nil && (!ip.IsGlobalUnicast() || ip.IsPrivate()) {
			t.Fatalf("%q was taken", address)
		}
		if strings.EqualFold(u.Hostname(), "localhost") || !strings.Contains(u.Hostname(), ".") && !strings.Contains(u.Hostname(), ":") {
			t.Fatalf("%q was taken", address)
		}
	})
}
