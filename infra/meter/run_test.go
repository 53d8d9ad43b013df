package meter

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTransitionsAreIntoEachStateForEachRetryAndOutOfTheLast(t *testing.T) {
	log := `{"event":"listening","port":1}
{"execution":"a","event":"ExecutionStarted"}
{"execution":"a","event":"StateEntered","state":"One"}
{"execution":"a","event":"StateFailed","state":"One"}
{"execution":"a","event":"StateRetried","state":"One"}
{"execution":"a","event":"StateExited","state":"One"}
{"execution":"a","event":"StateEntered","state":"Two"}
{"execution":"a","event":"StateExited","state":"Two"}
{"execution":"a","event":"ExecutionSucceeded"}
{"execution":"b","event":"ExecutionStarted"}
{"execution":"b","event":"StateEntered","state":"One"}
`
	if got := transitions([]byte(log)); got != 5 {
		t.Errorf("%d transitions, want 5", got)
	}
	if got := underWay([]byte(log)); got != 1 {
		t.Errorf("%d executions are under way, want 1", got)
	}
}

func TestAmounts(t *testing.T) {
	mail := Quantity{Calls, "ses"}
	a := Amounts{mail: 3, {Trips, "mail"}: 1, {Trips, "settle"}: 4}
	b := Amounts{mail: 1, {Trips, "mail"}: 1}
	for name, c := range map[string]struct{ got, want Amounts }{
		"plus":       {a.Plus(b), Amounts{mail: 4, {Trips, "mail"}: 2, {Trips, "settle"}: 4}},
		"minus":      {a.Minus(b), Amounts{mail: 2, {Trips, "settle"}: 4}},
		"times":      {b.Times(2), Amounts{mail: 2, {Trips, "mail"}: 2}},
		"of none":    {Amounts(nil).Plus(b), b},
		"by":         {a.by("mail"), Amounts{{Trips, "mail"}: 1}},
		"is as ever": {a, Amounts{mail: 3, {Trips, "mail"}: 1, {Trips, "settle"}: 4}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if got := a.Sum(Trips); got != 5 {
		t.Errorf("%g trips in all, want 5", got)
	}
}
