// Package secret reads the deployment's secrets from where a variable says they
// are kept: AWS Secrets Manager, or a file in the local run.
package secret

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Read returns the text of the secret that ref names: a Secrets Manager ARN, or
// file:// and a path. Surrounding white space is not part of it.
func Read(ctx context.Context, ref string, cfg aws.Config) (string, error) {
	text, err := read(ctx, ref, cfg)
	if err != nil {
		return "", err
	}
	if text = strings.TrimSpace(text); text == "" {
		return "", errors.New("the secret is empty")
	}
	return text, nil
}

func read(ctx context.Context, ref string, cfg aws.Config) (string, error) {
	if path, ok := strings.CutPrefix(ref, "file://"); ok {
		content, err := os.ReadFile(path) // #nosec G304 -- the deployment names it
		return string(content), err
	}
	if !strings.HasPrefix(ref, "arn:") {
		return "", errors.New("the reference is neither an ARN nor file://")
	}
	out, err := secretsmanager.NewFromConfig(cfg).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &ref})
	if err != nil {
		return "", fmt.Errorf("read %s: %w", ref, err)
	}
	return aws.ToString(out.SecretString), nil
}

// Client is an OAuth client's id and secret.
type Client struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

// Empty says that a secret was made but not filled in yet.
type Empty struct{ want string }

func (e *Empty) Error() string {
	return "the secret is not " + cmp.Or(e.want, `{"id": …, "secret": …} with both filled in`)
}

// ReadClient reads an OAuth client kept as JSON. It returns *Empty.
func ReadClient(ctx context.Context, ref string, cfg aws.Config) (Client, error) {
	text, err := Read(ctx, ref, cfg)
	if err != nil {
		return Client{}, err
	}
	var c Client
	// The decoder's error may quote the secret; it is left out.
	if json.Unmarshal([]byte(text), &c) != nil || c.ID == "" || c.Secret == "" {
		return Client{}, &Empty{}
	}
	return c, nil
}
