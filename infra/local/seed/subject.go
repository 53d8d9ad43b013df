package seed

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Subject is whom the local sign-in knows the address as: the beginning of its
// SHA-256, so that it is the same in every run (infra/local/engine/signin.mjs).
func Subject(email string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(email)))
	return hex.EncodeToString(sum[:16])
}
