package store_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/host"
	"yakusoku/shared/store"
	"yakusoku/shared/store/storetest"
)

func TestGuestsDataAreForgottenAsLongAfterTheMeetingAsTheHostSays(t *testing.T) {
	s := storetest.New(t)
	h := host.Host{Handle: "demo", Subject: "demo", Connected: map[string]bool{}}
	if err := s.OpenHost(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	end := time.Date(2026, 12, 1, 1, 30, 0, 0, time.UTC)
	settled := booking.Booking{ID: "settled", Host: "demo", Page: "intro", Start: end.Add(-30 * time.Minute), End: end, LocalDate: "2026-12-01", Status: booking.Confirmed}
	open := settled
	open.ID, open.Start, open.End = "open", end.Add(time.Hour), end.Add(90*time.Minute)
	open.Deadline = end
	for _, b := range []booking.Booking{settled, open} {
		if err := s.Hold(t.Context(), b, 0, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		days int
		want map[string]string
	}{
		{0, map[string]string{"settled": "", "open": ""}},
		{30, map[string]string{"settled": "2026-12-31T01:30:00Z", "open": ""}}, // nothing unsettled is forgotten
		{0, map[string]string{"settled": "", "open": ""}},
	} {
		h.RetentionDays = step.days
		if err := s.ChangeHost(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{"settled": expiry(t, s, "settled"), "open": expiry(t, s, "open")}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%d days (-want +got):\n%s", step.days, diff)
		}
	}
}

// expiry is when the table forgets the booking.
func expiry(t *testing.T, s *store.Store, id string) string {
	t.Helper()
	out, err := s.DB.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &s.Table, Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "BOOKING#" + id}, "sk": &types.AttributeValueMemberS{Value: "BOOKING"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	n, ok := out.Item[store.TTLAttribute].(*types.AttributeValueMemberN)
	if !ok {
		return ""
	}
	seconds, err := time.ParseDuration(n.Value + "s")
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(0, 0).UTC().Add(seconds).Format(time.RFC3339)
}

func TestAHandleAndASignInHaveOneAccount(t *testing.T) {
	s := storetest.New(t)
	open := func(handle, subject string) string {
		err := s.OpenHost(t.Context(), host.Host{Handle: handle, Subject: subject, Connected: map[string]bool{}})
		if err == nil {
			return ""
		}
		return err.Error()
	}
	got := []string{open("demo", "a"), open("demo", "b"), open("other", "a"), open("other", "b")}
	want := []string{"", (&host.HandleTaken{}).Error(), (&host.SubjectTaken{}).Error(), ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
