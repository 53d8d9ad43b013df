package saga

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"yakusoku/shared/booking"
	"yakusoku/shared/trace"
)

// Machines run bookings through the state machines.
type Machines struct {
	SFN    *sfn.Client
	Book   string // ARN of the one that makes a booking real
	Cancel string // ARN of the one that takes a cancelled one away
	Move   string // ARN of the one that moves a confirmed one
}

// of is the state machine for what is to be done with the booking.
func (m *Machines) of(b booking.Booking) string {
	switch {
	case b.Status == booking.Cancelled:
		return m.Cancel
	case b.Move != nil:
		return m.Move
	}
	return m.Book
}

// State is how a booking's execution stands.
type State int

const (
	NeverStarted State = iota
	Running
	Ended
)

// execution names the booking's present attempt. The name makes starting safe to
// repeat.
func execution(b booking.Booking) string {
	return fmt.Sprintf("%s-%d-%d", b.ID, b.Plan(), b.Attempt)
}

// Start starts the booking's execution unless one of its name exists.
func (m *Machines) Start(ctx context.Context, b booking.Booking, checked bool) error {
	input, err := json.Marshal(struct {
		Booking string `json:"booking"`
		Checked bool   `json:"checked"`
	}{b.ID, checked})
	if err != nil {
		return fmt.Errorf("encode the saga's input: %w", err)
	}
	arn, name, text := m.of(b), execution(b), string(input)
	start := &sfn.StartExecutionInput{StateMachineArn: &arn, Name: &name, Input: &text}
	if header := trace.Header(ctx); header != "" {
		start.TraceHeader = &header // the saga's calls belong to the guest's request
	}
	_, err = m.SFN.StartExecution(ctx, start)
	// It ended already, or runs with another word on the calendars: either way it
	// was started.
	if exists := (*types.ExecutionAlreadyExists)(nil); errors.As(err, &exists) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("start the saga: %w", err)
	}
	return nil
}

// State asks how the booking's execution stands.
func (m *Machines) State(ctx context.Context, b booking.Booking) (State, error) {
	arn := strings.Replace(m.of(b), ":stateMachine:", ":execution:", 1) + ":" + execution(b)
	out, err := m.SFN.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	if absent := (*types.ExecutionDoesNotExist)(nil); errors.As(err, &absent) {
		return NeverStarted, nil
	}
	if err != nil {
		return NeverStarted, fmt.Errorf("describe the saga: %w", err)
	}
	if out.Status == types.ExecutionStatusRunning {
		return Running, nil
	}
	return Ended, nil
}
