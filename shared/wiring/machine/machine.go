// Package machine wires functions that start sagas. It stands apart from package
// wiring so that the others do not start with what the saga is made of.
package machine

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"yakusoku/shared/saga"
)

// Config is the configuration of functions that start sagas.
type Config struct {
	Book   string `env:"BOOK_STATE_MACHINE,required,notEmpty"`
	Cancel string `env:"CANCEL_STATE_MACHINE,required,notEmpty"`
	Move   string `env:"MOVE_STATE_MACHINE,required,notEmpty"`
	// SettleWithin is when sweep looks after a booking that is not settled.
	SettleWithin time.Duration `env:"SETTLE_WITHIN" envDefault:"90s"`
}

// Executions reaches the state machines.
func (c Config) Executions(cfg aws.Config) *saga.Machines {
	return &saga.Machines{SFN: sfn.NewFromConfig(cfg), Book: c.Book, Cancel: c.Cancel, Move: c.Move}
}
