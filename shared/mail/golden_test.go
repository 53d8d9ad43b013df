package mail

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/language"
)

var update = flag.Bool("update", false, "write the golden files; the HTML ones are meant to be looked at in a browser")

func TestMailsSayWhatTheGoldenFilesSay(t *testing.T) {
	englishHost := func(b booking.Booking) booking.Booking {
		b.Terms.HostLanguage = language.English
		return b
	}
	tests := []struct {
		name string
		kind Kind
		b    booking.Booking
	}{
		{"guest_confirmed_ja", GuestConfirmed, sample()},
		{"guest_confirmed_en_other_zone", GuestConfirmed, abroad()},
		{"guest_confirmed_ja_long_title", GuestConfirmed, long()},
		{"guest_confirmed_ja_hostile", GuestConfirmed, hostile()},
		{"host_confirmed_ja", HostConfirmed, sample()},
		{"host_confirmed_ja_other_zone", HostConfirmed, abroad()},
		{"host_confirmed_en", HostConfirmed, englishHost(abroad())},
		{"host_confirmed_ja_hostile", HostConfirmed, hostile()},
		{"guest_confirmed_ja_accompanied", GuestConfirmed, accompanied(sample())},
		{"host_confirmed_ja_accompanied", HostConfirmed, accompanied(sample())},
		{"guest_confirmed_ja_branded", GuestConfirmed, branded(sample())},
		{"attendees_confirmed_ja", AttendeesConfirmed, accompanied(sample())},
		{"attendees_confirmed_en", AttendeesConfirmed, accompanied(abroad())},
		{"guest_failed_ja", GuestFailed, failed(sample(), booking.ReasonSlotTaken)},
		{"guest_failed_en_other_zone", GuestFailed, failed(abroad(), booking.ReasonZoomUnavailable)},
		{"host_failed_ja_disconnected", HostFailed, failed(sample(), booking.ReasonHostDisconnected)},
		{"host_failed_en_mail", HostFailed, unreached(failed(englishHost(abroad()), booking.ReasonMailFailed))},
		{"host_confirmed_ja_unreached", HostConfirmed, unreached(sample())},
		{"guest_cancelled_ja_by_host", GuestCancelled, cancelled(sample(), booking.ByHost, "申し訳ございません。急な出張が入りました。\n来週であれば、いつでも承れます。")},
		{"guest_cancelled_en_by_guest", GuestCancelled, cancelled(abroad(), booking.ByGuest, "")},
		{"host_cancelled_ja_by_guest", HostCancelled, cancelled(sample(), booking.ByGuest, "都合がつかなくなりました。")},
		{"host_cancelled_en_left", HostCancelled, leftBehind(cancelled(englishHost(abroad()), booking.ByHost, "Sorry"))},
		{"guest_moved_ja_by_guest", GuestMoved, moved(sample(), booking.ByGuest, "")},
		{"guest_moved_en_by_host", GuestMoved, moved(abroad(), booking.ByHost, "A trip came up. I hope this time suits you too.")},
		{"guest_moved_ja_new_url", GuestMoved, renewed(sample())},
		{"host_moved_ja_by_guest", HostMoved, moved(sample(), booking.ByGuest, "")},
		{"host_moved_en_by_host", HostMoved, moved(englishHost(abroad()), booking.ByHost, "")},
		{"attendees_moved_ja", AttendeesMoved, moved(accompanied(sample()), booking.ByGuest, "")},
		{"guest_stayed_ja", GuestStayed, stayed(sample(), booking.ReasonSlotTaken)},
		{"guest_stayed_en", GuestStayed, stayed(abroad(), booking.ReasonZoomUnavailable)},
		{"host_stayed_ja_disconnected", HostStayed, stayed(sample(), booking.ReasonHostDisconnected)},
		{"guest_confirmed_ja_cut_off", GuestConfirmed, bounded(sample(), 24)},
		{"guest_confirmed_en_cut_off", GuestConfirmed, bounded(abroad(), 48)},
		{"guest_moved_ja_cut_off", GuestMoved, moved(bounded(sample(), 24), booking.ByHost, "")},
		{"guest_moved_en_too_late", GuestMoved, moved(bounded(abroad(), 24*7), booking.ByHost, "")},
		{"guest_cancelled_en_no_need", GuestCancelled, because(cancelled(abroad(), booking.ByHost, "We found the answer."), booking.NotNeeded)},
		{"host_cancelled_ja_conflict", HostCancelled, because(cancelled(sample(), booking.ByGuest, ""), booking.Conflict)},
		{"guest_reminder_ja", GuestReminder, reminding(sample(), 60)},
		{"guest_reminder_en", GuestReminder, reminding(abroad(), 24*60)},
		{"guest_reminder_ja_cut_off", GuestReminder, reminding(bounded(sample(), 2), 24*60)},
		{"guest_reminder_en_too_late", GuestReminder, reminding(bounded(abroad(), 24), 60)},
		{"guest_reminder_ja_meeting_gone", GuestReminder, reminding(differing(sample(), meetingGone), 60)},
		{"guest_reminder_en_meeting_gone", GuestReminder, reminding(differing(abroad(), meetingGone), 60)},
		{"host_differs_ja_meeting_gone", HostDiffers, differing(sample(), meetingGone)},
		{"host_differs_en_both_moved", HostDiffers, differing(englishHost(abroad()), meetingMoved, eventMoved)},
		{"host_differs_ja_event_gone_meeting_moved", HostDiffers, differing(sample(), meetingMoved, eventGone)},
		{"host_differs_en_event_gone", HostDiffers, differing(englishHost(sample()), eventGone)},
		{"attendees_cancelled_ja", AttendeesCancelled, cancelled(accompanied(sample()), booking.ByHost, "")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := composer(t).Compose(test.kind, test.b)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, test.name+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
			golden(t, test.name+".html", m.HTML)
		})
	}
}

func TestACodeIsSentByItself(t *testing.T) {
	for tag, title := range map[language.Tag]string{language.Japanese: "初回相談", language.English: "Intro call"} {
		m, err := composer(t).Code(booking.CodeLetter{Email: "taro@guest.example", Language: tag, Code: "482913", Title: title, HostName: "佐藤 花子"})
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "guest_code_"+string(tag)+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
		golden(t, "guest_code_"+string(tag)+".html", m.HTML)
	}
}

func TestAHostIsToldOfAConnectionThatEnded(t *testing.T) {
	for kind, compose := range map[Kind]func(*Composer, Lapse) (Message, error){HostReconnect: (*Composer).Lapse, HostRemoved: (*Composer).Removed} {
		for tag, account := range map[language.Tag]string{language.Japanese: "hanako@host.example", language.English: ""} {
			m, err := compose(composer(t), Lapse{
				ID: "mfzwizltoq3gk5dp", Host: "佐藤 花子", Email: "hanako@host.example", Language: tag, Provider: "Zoom", Account: account,
			})
			if err != nil {
				t.Fatal(err)
			}
			golden(t, string(kind)+"_"+string(tag)+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
			golden(t, string(kind)+"_"+string(tag)+".html", m.HTML)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
