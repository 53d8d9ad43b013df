package secret

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Token is one word that a provider made, kept as JSON {"token": …}. It may be
// filled in, or changed, while a function runs: who needs it asks each time, and it
// is read again from time to time. It is safe for concurrent use.
type Token struct {
	Ref string // as Read takes it; empty: there is none
	AWS aws.Config
	Now func() time.Time

	mu   sync.Mutex
	word string
	due  time.Time // when it is read again
}

const (
	// tokenFor is how long a token is taken for the present one.
	tokenFor = 5 * time.Minute
	// emptyFor is that of one that is not filled in: somebody may be about to.
	emptyFor = 10 * time.Second
)

// Get returns the token, or *Empty. A token that cannot be read again is used on.
func (t *Token) Get(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.Ref == "" {
		return "", t.empty()
	}
	if now := t.Now(); !now.Before(t.due) {
		word, err := t.read(ctx)
		switch {
		case err == nil:
			t.word, t.due = word, now.Add(tokenFor)
		case t.word == "":
			return "", err
		default:
			slog.WarnContext(ctx, "a secret token was not read again", "error", err)
			t.due = now.Add(emptyFor)
		}
		if t.word == "" {
			t.due = now.Add(emptyFor)
		}
	}
	if t.word == "" {
		return "", t.empty()
	}
	return t.word, nil
}

func (t *Token) empty() error { return &Empty{want: `{"token": …} with it filled in`} }

// read returns the word; none if it is not filled in.
func (t *Token) read(ctx context.Context) (string, error) {
	text, err := Read(ctx, t.Ref, t.AWS)
	if err != nil {
		return "", err
	}
	var kept struct{ Token string }
	_ = json.Unmarshal([]byte(text), &kept) // of another form: to be filled in
	return kept.Token, nil
}
