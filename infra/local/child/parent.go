package child

import (
	"context"
	"errors"
	"os"
	"time"
)

// parentPoll is how often FollowParent looks.
const parentPoll = 250 * time.Millisecond

// FollowParent returns a context that ends when the process that started this
// one is gone: a `make` that is killed cannot tell its recipe.
func FollowParent(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	parent := os.Getppid()
	go func() {
		tick := time.NewTicker(parentPoll)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if os.Getppid() != parent {
					cancel(errors.New("the parent process is gone"))
					return
				}
			}
		}
	}()
	return ctx
}
