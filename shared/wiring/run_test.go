package wiring

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/secret"
)

// A connection that was kept while the process was frozen may lead nowhere.
func TestACallToAWSEndsWithoutAnAnswer(t *testing.T) {
	t.Setenv("AWS_REGION", "us-east-1")
	got, err := prepare(t.Context(), func(_ context.Context, _ struct{}, cfg aws.Config) (any, error) {
		client, ok := cfg.HTTPClient.(*awshttp.BuildableClient)
		if !ok {
			t.Fatalf("the client is a %T", cfg.HTTPClient)
		}
		return client.GetTimeout(), nil
	})
	if err != nil || got != 3*time.Second {
		t.Errorf("a try may take %v, error %v", got, err)
	}
}

type refused struct{}

func (*refused) Error() string { return "refused" }

// The state machine matches the handler's error by its type.
func TestAnInvocationEndsWhenItsWorkHasEnded(t *testing.T) {
	tests := map[string]error{"an answer": nil, "an error": &refused{}}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			var ended atomic.Bool
			h := unhurried{lambda.NewHandler(func(context.Context) error {
				left := make(chan struct{})
				defer close(left)
				Go(func() {
					<-left // what was begun goes on after its caller
					ended.Store(true)
				})
				return want
			})}
			if _, err := h.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, want) {
				t.Errorf("got %v", err)
			}
			if !ended.Load() {
				t.Error("the answer was out before the work had ended")
			}
		})
	}
}

// What runs every minute waits for a new deployment's secrets, and needs no new start
// once they are there.
func TestWhatIsNotFilledInYetIsWaitedFor(t *testing.T) {
	answers := []error{&Misconfigured{Variable: "ZOOM_CLIENT", Err: &secret.Empty{}}, errors.New("no answer"), nil}
	built, calls := 0, 0
	w := &waiting{build: func(context.Context) (any, error) {
		err := answers[built]
		built++
		return func(context.Context) error { calls++; return nil }, err
	}}
	var failed []bool
	for range 4 {
		_, err := w.Invoke(t.Context(), []byte("{}"))
		failed = append(failed, err != nil)
	}
	if diff := cmp.Diff([]bool{false, true, false, false}, failed); diff != "" || built != 3 || calls != 2 {
		t.Errorf("built %d times, called %d times, failed (-want +got):\n%s", built, calls, diff)
	}
}
