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
)

// Machine runs bookings through the state machine.
type Machine struct {
	SFN *sfn.Client
	ARN string
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
	return fmt.Sprintf("%s-%d-%d", b.ID, b.Revision, b.Attempt)
}

// Start starts the booking's execution unless one of its name exists.
func (m *Machine) Start(ctx context.Context, b booking.Booking, checked bool) error {
	input, err := json.Marshal(struct {
		Booking string `json:"booking"`
		Checked bool   `json:"checked"`
	}{b.ID, checked})
	if err != nil {
		return fmt.Errorf("encode the saga's input: %w", err)
	}
	name, text := execution(b), string(input)
	_, err = m.SFN.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &m.ARN, Name: &name, Input: &text})
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
func (m *Machine) State(ctx context.Context, b booking.Booking) (State, error) {
	arn := strings.Replace(m.ARN, ":stateMachine:", ":execution:", 1) + ":" + execution(b)
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
