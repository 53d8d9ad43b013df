package booking

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
)

// Tokens makes the tokens by which guests reach their own bookings. A token is
// derived, not stored: a repeated submission and every mail give the same one,
// and the ledger holds only its hash.
type Tokens struct{ secret []byte }

// NewTokens takes the deployment's secret of at least 32 bytes.
func NewTokens(secret []byte) (Tokens, error) {
	if len(secret) < 32 {
		return Tokens{}, fmt.Errorf("the guest token secret has %d bytes; it needs 32 or more", len(secret))
	}
	return Tokens{secret: secret}, nil
}

// For returns the token of a booking: 256 bits, URL-safe.
func (t Tokens) For(id string) string {
	return base64.RawURLEncoding.EncodeToString(t.derive("guest token", id))
}

// pseudonym stands for somebody where only telling them apart matters.
func (t Tokens) pseudonym(kind, of string) string {
	return base64.RawURLEncoding.EncodeToString(t.derive(kind, of)[:16])
}

// derive makes 32 bytes that nobody can foresee without the secret.
func (t Tokens) derive(purpose string, parts ...string) []byte {
	mac := hmac.New(sha256.New, t.secret)
	mac.Write([]byte(purpose))
	for _, p := range parts {
		mac.Write([]byte("\n" + p))
	}
	return mac.Sum(nil)
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Admits reports whether the token is this booking's.
func (b Booking) Admits(token string) bool {
	return subtle.ConstantTimeCompare(b.TokenHash, hashToken(token)) == 1
}
