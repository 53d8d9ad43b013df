package hook

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"code.dny.dev/ssrf" // which addresses are public, kept by IANA's registries
)

// Reach says where deliveries may go: to public addresses over https. What else is
// allowed is for the local run.
type Reach struct {
	// Allowed are prefixes of addresses that need not be public; to them http will
	// do.
	Allowed []netip.Prefix
}

// longestURL is how many octets an address may have.
const longestURL = 2000

// Check returns what speaks against the address as it is written; "" if nothing
// does. Where its name leads is judged when it is dialled.
func (r Reach) Check(address string) FieldCode {
	switch {
	case address == "":
		return Required
	case len(address) > longestURL:
		return TooLong
	case strings.ContainsFunc(address, func(c rune) bool { return unicode.IsControl(c) || unicode.IsSpace(c) || unicode.Is(unicode.Cf, c) }):
		return Malformed
	}
	u, err := url.Parse(address)
	if err != nil {
		return Malformed
	}
	return r.check(u)
}

func (r Reach) check(u *url.URL) FieldCode {
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	switch {
	case u.Scheme != "https" && u.Scheme != "http", u.Opaque != "", host == "":
		return Malformed
	case u.User != nil:
		return HasCredentials
	}
	if port := u.Port(); port != "" || strings.HasSuffix(u.Host, ":") {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return Malformed
		}
	}
	if r.allows(host) {
		return ""
	}
	if u.Scheme != "https" {
		return NotHTTPS
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if r.guardian().SafeAddr(ip) != nil {
			return NotPublic
		}
		return ""
	}
	if !public(host) {
		return NotPublic
	}
	return ""
}

// allows reports whether the host, as it is written, is one of what is allowed.
func (r Reach) allows(host string) bool {
	ip, err := netip.ParseAddr(host)
	if host == "localhost" {
		ip, err = netip.AddrFrom4([4]byte{127, 0, 0, 1}), nil
	}
	if err != nil {
		return false
	}
	for _, p := range r.Allowed {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// Names that are nobody's in public (RFC 6761, 6762, 8375, 7686; ICANN's internal).
var unpublic = []string{"localhost", "local", "internal", "home.arpa", "localdomain", "lan", "test", "invalid", "onion"}

// public reports whether a name can be one of public DNS. What ends in a number is
// an address in a spelling of which each reader makes another (127.1, 0x7f.1).
func public(name string) bool {
	last := name[strings.LastIndex(name, ".")+1:]
	if last == name || strings.HasPrefix(last, "0x") || strings.Trim(last, "0123456789") == "" {
		return false
	}
	for _, zone := range unpublic {
		if last == zone || strings.HasSuffix(name, "."+zone) {
			return false
		}
	}
	return !strings.ContainsAny(name, ":%/\\@")
}

// guardian refuses to connect to addresses that are not public, and not allowed.
// It is asked for each connection, with the address that is dialled.
func (r Reach) guardian() *ssrf.Guardian {
	var v4, v6 []netip.Prefix
	for _, p := range r.Allowed {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	return ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
}
