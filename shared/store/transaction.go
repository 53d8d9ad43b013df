package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// conditionFailed says that a transaction was refused by a condition of its
// writes, and by which first.
type conditionFailed struct {
	first int  // index of the write
	item  item // what stood there, where the write asks for it
}

func (e *conditionFailed) Error() string {
	return fmt.Sprintf("the condition of write %d failed", e.first)
}

// errConflict is another transaction on the same item in flight: it says nothing
// yet of who wins. The SDK does not retry it.
var errConflict = errors.New("the items are in another transaction")

// transact makes the put and the updates, all or none. It returns
// *conditionFailed or errConflict.
func (s *Store) transact(ctx context.Context, put *types.Put, updates ...*types.Update) error {
	writes := []types.TransactWriteItem{{Put: put}}
	for _, u := range updates {
		writes = append(writes, types.TransactWriteItem{Update: u})
	}
	return s.write(ctx, writes...)
}

// write makes all writes or none. It returns *conditionFailed or errConflict.
func (s *Store) write(ctx context.Context, writes ...types.TransactWriteItem) error {
	_, err := s.DB.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
	cancelled := (*types.TransactionCanceledException)(nil)
	if !errors.As(err, &cancelled) {
		return err
	}
	failed := (*conditionFailed)(nil)
	for i, reason := range cancelled.CancellationReasons {
		switch aws.ToString(reason.Code) {
		case "TransactionConflict":
			return errConflict // whatever failed beside it may be the other's doing
		case "ConditionalCheckFailed":
			if failed == nil {
				failed = &conditionFailed{first: i, item: reason.Item}
			}
		}
	}
	if failed != nil {
		return failed
	}
	return err
}

// A conflict is met again after a pause with full jitter, growing from
// firstPause to maxPause, for as many tries as this.
const (
	conflictTries = 12
	firstPause    = 10 * time.Millisecond
	maxPause      = 500 * time.Millisecond
)

// whenCalm repeats try while it meets conflicts. Between two tries, look may find
// that trying is pointless.
func (s *Store) whenCalm(ctx context.Context, try, look func() error) error {
	pause := firstPause
	for n := 1; ; n++ {
		err := try()
		if !errors.Is(err, errConflict) || n == conflictTries {
			return err
		}
		select {
		case <-time.After(rand.N(pause)): // #nosec G404 -- spreads pauses, guards nothing
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := look(); err != nil {
			return err
		}
		pause = min(2*pause, maxPause)
	}
}

func noLook() error { return nil }
