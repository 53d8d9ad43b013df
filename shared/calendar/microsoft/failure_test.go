package microsoft_test

import (
	"testing"

	"yakusoku/shared/calendar/microsoft"
)

func TestWhichAnswersEndTheGrant(t *testing.T) {
	tests := []struct {
		status int
		body   string
		want   bool
	}{
		{401, `{"error":{"code":"InvalidAuthenticationToken"}}`, true},
		{403, `{"error":{"code":"Authorization_RequestDenied"}}`, true},
		{403, `{"error":{"code":"ErrorAccessDenied"}}`, false}, // or the host's own rights to a calendar
		{404, `{"error":{"code":"ErrorItemNotFound"}}`, false},
		{429, `{"error":{"code":"Authorization_RequestDenied"}}`, false},
		{403, `<html>`, false},
	}
	for _, test := range tests {
		if got := microsoft.GrantEnded(test.status, []byte(test.body)); got != test.want {
			t.Errorf("%d %s: %t", test.status, test.body, got)
		}
	}
}
