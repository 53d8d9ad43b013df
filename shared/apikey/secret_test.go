package apikey

import (
	"regexp"
	"strings"
	"testing"
)

// The form is promised to scanners of secrets, in the API's guide.
func TestASecretIsOfTheFormThatScannersKnow(t *testing.T) {
	promised := regexp.MustCompile(`^ysk_[A-Z2-7]{26,52}$`)
	seen := map[string]bool{}
	for range 1000 {
		secret := newSecret()
		if !promised.MatchString(secret) || seen[secret] {
			t.Fatalf("made %q; before: %v", secret, seen[secret])
		}
		seen[secret] = true
	}
}

func TestNothingThatIsKeptOpensAnything(t *testing.T) {
	const secret = "ysk_ABCDEFGHIJKLMNOPQRSTUVWX23"
	if hash := hashOf(secret); hash != hashOf(secret) || len(hash) != 64 || strings.Contains(hash, secret[8:16]) || same(hash, hashOf(secret+"2")) {
		t.Errorf("the hash is %q", hash)
	}
	if got := ending(secret); got != "WX23" {
		t.Errorf("the ending is %q", got)
	}
}
