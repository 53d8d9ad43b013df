package apikey

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"regexp"
	"strings"
)

// Prefix begins every secret, so that people and scanners of secrets know one where
// they see it.
const Prefix = "ysk_"

// form is that of secrets. What has another is looked up nowhere.
var form = regexp.MustCompile(`^` + Prefix + `[A-Z2-7]{26,52}$`)

// newSecret makes a secret of 130 random bits: too many to guess or to search for by
// its hash, so that no salt or slow hash is needed.
func newSecret() string { return Prefix + rand.Text() }

// hashOf is what is kept of a secret.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// same compares without telling by its time how much is alike.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

const endingLetters = 4

func ending(secret string) string { return secret[len(secret)-endingLetters:] }

func newID() string { return "key_" + strings.ToLower(rand.Text()[:16]) }
