package saga

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"yakusoku/shared/booking"
)

// FuzzRequest hands a step's function any payload: it ends well, or with one of the
// errors that the state machine knows, and what is no request of a step on a booking
// touches nothing.
func FuzzRequest(f *testing.F) {
	for _, payload := range []string{
		`{"step":"create","booking":"b1"}`, `{"step":"create","booking":"b1","checked":true}`,
		`{"step":"delete","booking":"b1","error":"CalendarBusy"}`, `{"step":"release","booking":"b1","error":"States.Timeout"}`,
		`{"step":"confirm","booking":"b2"}`, `{"step":"drop","booking":"b1"}`, `{"step":"guest","booking":"b1"}`,
		`{"STEP":"create","booking":"b1"}`, `{"step":"create","booking":["b1"]}`, `{"step":null}`,
		`null`, `[]`, `"create"`,
	} {
		for _, function := range []string{"Meeting", "Event", "Mail", "Settle"} {
			f.Add(function, payload)
		}
	}
	f.Fuzz(func(t *testing.T, function, payload string) {
		if !json.Valid([]byte(payload)) {
			return // Lambda hands on no other
		}
		o := newOffice(booked())
		steps := o.steps()["${"+function+"Function}"]
		before := o.progress()
		_, err := lambda.NewHandler(Handler("test", o, steps)).Invoke(t.Context(), []byte(payload))
		var r Request
		decoded := json.Unmarshal([]byte(payload), &r) == nil
		if decoded && err != nil && !slices.Contains(names(), name(err)) {
			t.Errorf("%s %s: the state machine does not know %T %v", function, payload, err, err)
		}
		if known := decoded && steps[r.Step] != nil && r.Booking == "b1"; known {
			return
		}
		if err == nil {
			t.Errorf("%s: %s is taken for a step's", function, payload)
		}
		for step, status := range o.progress() {
			if status != before[step] {
				t.Errorf("%s: %s made %s %s", function, payload, step, status)
			}
		}
		if now := o.stored; now.Status != booking.Pending {
			t.Errorf("%s: by %s the booking is %s", function, payload, now.Status)
		}
	})
}
