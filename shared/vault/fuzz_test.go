package vault_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"yakusoku/shared/vault"
)

// FuzzSealed seals a text and unseals something: what was sealed, and for its own
// purpose, is opened; nothing else is.
func FuzzSealed(f *testing.F) {
	f.Add([]byte("token"), "a", "a", []byte(nil), 0)
	f.Add([]byte(""), "a", "b", []byte(nil), 0)
	f.Add([]byte("token"), "connection/hanako", "connection/jiro", []byte{1}, 3)
	f.Add([]byte("token"), "a", "a", []byte{0x80}, 40)
	f.Add([]byte("token"), "a", "a", []byte("longer than what there is of it, by far, and by some more again"), -1)
	key, err := vault.NewKey()
	if err != nil {
		f.Fatal(err)
	}
	file := filepath.Join(f.TempDir(), "key")
	if err := os.WriteFile(file, key, 0o600); err != nil {
		f.Fatal(err)
	}
	v, err := vault.Open(f.Context(), "file://"+file, aws.Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, plain []byte, purpose, other string, change []byte, at int) {
		sealed, err := v.Seal(t.Context(), plain, purpose)
		if err != nil {
			t.Fatal(err)
		}
		if opened, err := v.Unseal(t.Context(), sealed, purpose); err != nil || !bytes.Equal(opened, plain) {
			t.Errorf("sealed %q, opened %q, %v", plain, opened, err)
		}
		if _, err := v.Unseal(t.Context(), sealed, other); err == nil && other != purpose {
			t.Errorf("sealed for %q, opened for %q", purpose, other)
		}
		if _, err := v.Unseal(t.Context(), change, purpose); err == nil {
			t.Errorf("never sealed, opened: %x", change)
		}
		changed := bytes.Clone(sealed)
		for i, b := range change {
			changed[uint(at+i)%uint(len(changed))] ^= b
		}
		if _, err := v.Unseal(t.Context(), changed, purpose); err == nil && !bytes.Equal(changed, sealed) {
			t.Errorf("changed by %x at %d, and opened", change, at)
		}
	})
}
