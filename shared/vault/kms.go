package vault

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// remote encrypts data keys under a key of KMS, which never leaves it. Tink's own is the
// same, and brings the SDK's loader of profiles and single sign-on into every function.
type remote struct {
	client *kms.Client
	key    string // its ARN
}

// errBound says that a data key was to be bound to something. Tink binds what is
// encrypted under the data key, and not the data key itself.
var errBound = errors.New("a data key is bound to nothing")

// EncryptWithContext encrypts a data key.
func (r remote) EncryptWithContext(ctx context.Context, plain, bound []byte) ([]byte, error) {
	if len(bound) > 0 {
		return nil, errBound
	}
	out, err := r.client.Encrypt(ctx, &kms.EncryptInput{KeyId: &r.key, Plaintext: plain})
	if err != nil {
		return nil, err
	}
	return out.CiphertextBlob, nil
}

// DecryptWithContext decrypts a data key, which must have been encrypted under this key.
func (r remote) DecryptWithContext(ctx context.Context, sealed, bound []byte) ([]byte, error) {
	if len(bound) > 0 {
		return nil, errBound
	}
	out, err := r.client.Decrypt(ctx, &kms.DecryptInput{KeyId: &r.key, CiphertextBlob: sealed})
	if err != nil {
		return nil, err
	}
	return out.Plaintext, nil
}
