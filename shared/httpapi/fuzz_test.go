package httpapi_test

import (
	"io"
	"strings"
	"testing"

	"yakusoku/shared/booking"
	"yakusoku/shared/httpapi"
)

// FuzzSubmission sends any body: it is refused in JSON, or it reaches the desk.
func FuzzSubmission(f *testing.F) {
	f.Add(good)
	for _, change := range [][2]string{
		{`"answers"`, `"price"`},
		{`"topic":"導入"`, `"topic":null`},
		{`["火","水"]`, `[["火"],2]`},
		{`2026-12-01T10:00:00+09:00`, `9999-12-31T23:59:59-09:00`},
		{`2026-12-01T10:00:00+09:00`, `0000-01-01T00:00:00+09:00`},
		{`Asia/Tokyo`, `../etc/passwd`},
		{`taro@`, "\xff\\u0000@"},
	} {
		f.Add(strings.Replace(good, change[0], change[1], 1))
	}
	for _, body := range []string{"", "null", "[]", `"x"`, `{"start":`, "\x00", strings.Repeat("[", 9000)} {
		f.Add(body)
	}
	logTo(f, io.Discard)
	f.Fuzz(func(t *testing.T, body string) {
		desk := &bookings{receipt: booking.Receipt{ID: "b1", Token: "t", Start: ten, End: ten}}
		answer := post(httpapi.Booking(desk), body)
		if answer.Code >= 500 {
			t.Errorf("status %d", answer.Code)
		}
		mustDecode[map[string]any](t, answer)
		if accepted, reached := answer.Code == 202, len(desk.submitted) == 1; accepted != reached {
			t.Errorf("status %d, but the desk was called %d times", answer.Code, len(desk.submitted))
		}
	})
}
