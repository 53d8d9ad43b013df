// Package vault encrypts what must not be readable at rest: the hosts' OAuth
// tokens. It knows keys and ciphertexts; what is inside is its callers'.
//
// Tink does the cryptography: AES-256-GCM under a data key of its own for each
// ciphertext, the data key encrypted by KMS.
package vault

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// Vault seals and unseals under one key.
type Vault struct{ aead tink.AEADWithContext }

const (
	kmsScheme  = "aws-kms://"
	fileScheme = "file://"
)

// Open takes the key's URI: aws-kms:// and a key's ARN, or file:// and the path
// of a key that NewKey wrote.
func Open(_ context.Context, uri string, cfg aws.Config) (*Vault, error) {
	if arn, ok := strings.CutPrefix(uri, kmsScheme); ok {
		return openKMS(arn, cfg)
	}
	if path, ok := strings.CutPrefix(uri, fileScheme); ok {
		return openFile(path)
	}
	return nil, fmt.Errorf("key URI %q is neither %s nor %s", uri, kmsScheme, fileScheme)
}

func openKMS(arn string, cfg aws.Config) (*Vault, error) {
	envelope, err := aead.NewKMSEnvelopeAEADWithContext(aead.AES256GCMKeyTemplate(), remote{kms.NewFromConfig(cfg), arn})
	if err != nil {
		return nil, fmt.Errorf("open KMS key %s: %w", arn, err)
	}
	return &Vault{aead: envelope}, nil
}

func openFile(path string) (*Vault, error) {
	content, err := os.ReadFile(path) // #nosec G304 -- the deployment names it
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(content)))
	if err != nil {
		return nil, fmt.Errorf("key in %s: %w", path, err)
	}
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("key in %s: %w", path, err)
	}
	return &Vault{aead: local{primitive}}, nil
}

// NewKey makes a key for a file of the local run.
func NewKey() ([]byte, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	var out bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&out)); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return out.Bytes(), nil
}

// Seal encrypts plain. It is unsealed only under the same purpose, so that one
// record's ciphertext is useless in another.
func (v *Vault) Seal(ctx context.Context, plain []byte, purpose string) ([]byte, error) {
	sealed, err := v.aead.EncryptWithContext(ctx, plain, []byte(purpose))
	if err != nil {
		return nil, fmt.Errorf("seal for %s: %w", purpose, err)
	}
	return sealed, nil
}

// Unseal decrypts what Seal made for the purpose.
func (v *Vault) Unseal(ctx context.Context, sealed []byte, purpose string) ([]byte, error) {
	plain, err := v.aead.DecryptWithContext(ctx, sealed, []byte(purpose))
	if err != nil {
		return nil, fmt.Errorf("unseal for %s: %w", purpose, err)
	}
	return plain, nil
}

// local is a key that needs no call, and so no context.
type local struct{ tink.AEAD }

func (l local) EncryptWithContext(_ context.Context, plain, data []byte) ([]byte, error) {
	return l.Encrypt(plain, data)
}

func (l local) DecryptWithContext(_ context.Context, sealed, data []byte) ([]byte, error) {
	return l.Decrypt(sealed, data)
}
