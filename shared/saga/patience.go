package saga

import (
	"context"
	"errors"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/calendar/google"
	"yakusoku/shared/calendar/microsoft"
	"yakusoku/shared/zoom"
)

// none is the answer of a call that has none.
type none = struct{}

// Patience is the configuration of steps that act outside.
type Patience struct {
	// EffectWithin is how long after an attempt was begun its effect may still come
	// about, though its answer is lost. Until then, what is not there yet is not
	// absent. It outlasts a call and the pause of patient by far.
	EffectWithin time.Duration `env:"EFFECT_WITHIN" envDefault:"30s"`
}

// settled returns *TooSoon while the last attempt at the step may yet take
// effect.
func (p Patience) settled(last booking.Progress, now time.Time) error {
	if left := p.EffectWithin - now.Sub(last.At); left > 0 {
		return &TooSoon{Left: left}
	}
	return nil
}

// quiet returns *TooSoon while any attempt at the step may yet take effect whose
// answer never came. What changes the same thing otherwise waits for that.
func (p Patience) quiet(last booking.Progress, now time.Time) error {
	if last.Status != booking.Started {
		last.At = last.Unsure
	}
	return p.settled(last, now)
}

const (
	// longestWait is how long a step waits for a provider that says when to come
	// back; the state machine's own retries cannot read that.
	longestWait = 8 * time.Second
	// reserve is the time that a step keeps for recording what it did.
	reserve = 3 * time.Second
)

// patient calls, and calls once more after the pause that a rate limit asks for,
// if the step's time allows it.
func patient[T any](ctx context.Context, call func() (T, error)) (T, error) {
	answer, err := call()
	pause := retryAfter(err)
	if pause <= 0 || pause > longestWait {
		return answer, err
	}
	if end, ok := ctx.Deadline(); ok && time.Until(end) < pause+reserve {
		return answer, err
	}
	select {
	case <-time.After(pause):
		return call()
	case <-ctx.Done():
		return answer, err
	}
}

func retryAfter(err error) time.Duration {
	var z *zoom.RateLimited
	var g *google.RateLimited
	var m *microsoft.RateLimited
	switch {
	case errors.As(err, &z) && !z.Daily:
		return z.RetryAfter
	case errors.As(err, &g) && !g.Daily:
		return g.RetryAfter
	case errors.As(err, &m):
		return m.RetryAfter
	}
	return 0
}
