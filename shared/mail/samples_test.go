package mail

import (
	"strings"
	"testing"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/language"
	"yakusoku/shared/page"
)

const (
	origin = "https://book.example.com"
	sender = "Yakusoku <no-reply@mail.example.com>"
	token  = "t0k3n-_"
)

func composer(t *testing.T) *Composer {
	t.Helper()
	c, err := NewComposer(origin, sender, func(string) string { return token })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sample is a booking in Japan, in Japanese, that its steps have made real.
func sample() booking.Booking {
	start := time.Date(2026, 12, 1, 1, 0, 0, 0, time.UTC)
	return booking.Booking{
		ID:    "mfzwizltoq3gk5dpnzsxe4dboi",
		Host:  "demo",
		Page:  "intro",
		Start: start,
		End:   start.Add(30 * time.Minute),
		Guest: booking.Guest{
			Name:     "山田 太郎",
			Email:    "taro@guest.example",
			Company:  "株式会社やまだ商店",
			Phone:    "03-1234-5678",
			TimeZone: "Asia/Tokyo",
			Language: language.Japanese,
		},
		Answers: []booking.Answer{
			{ID: "topic", Label: "ご相談内容", Value: "受付システムの入れ替えを考えています。\n費用と日程の目安を伺えますか。"},
			{ID: "from", Label: "当社を知ったきっかけ", Value: "知人の紹介"},
			{ID: "blank", Label: "その他", Value: ""},
		},
		Terms: booking.Terms{
			Title:            "初回相談",
			HostName:         "佐藤 花子",
			HostEmail:        "hanako@host.example",
			HostTimeZone:     "Asia/Tokyo",
			HostLanguage:     language.Japanese,
			Format:           page.Web,
			Platform:         page.ZoomPlatform,
			ConfirmationNote: "5分前からお入りいただけます。\n資料がありましたら、事前にお送りください。",
		},
		Status: booking.Confirmed,
		Steps: map[booking.Step]booking.Progress{
			booking.Hold:    {Status: booking.Done},
			booking.Meeting: {Status: booking.Done},
			booking.Event:   {Status: booking.Done},
		},
		ZoomMeeting:   booking.ZoomMeeting{ID: 85746065432, JoinURL: "https://us02web.zoom.us/j/85746065432?pwd=Wk9vTVBhc3NDb2RlRXhhbXBsZTEyMw.1", Passcode: "a7Kx2q"},
		CalendarEvent: booking.CalendarEvent{ID: "2v3c9tq", UID: "2v3c9tq@google.com"},
		CreatedAt:     time.Date(2026, 11, 23, 4, 5, 6, 789, time.UTC),
	}
}

// abroad is the same booking with a guest in New York, in English.
func abroad() booking.Booking {
	b := sample()
	b.Guest.Name, b.Guest.Company, b.Guest.Phone = "Alex Morgan", "", ""
	b.Guest.Email = "alex@guest.example"
	b.Guest.TimeZone = "America/New_York"
	b.Guest.Language = language.English
	b.Terms.Title = "Intro call"
	b.Terms.ConfirmationNote = "The room opens five minutes early."
	b.Answers = []booking.Answer{{ID: "topic", Label: "What would you like to discuss?", Value: "Pricing\nTimelines"}}
	return b
}

// failed is a booking that was given up and left nothing behind.
func failed(b booking.Booking, why booking.Reason) booking.Booking {
	b.Status, b.Reason = booking.Failed, why
	b.Steps = map[booking.Step]booking.Progress{
		booking.Hold:    {Status: booking.Undone},
		booking.Meeting: {Status: booking.Undone},
		booking.Event:   {Status: booking.Undone},
	}
	b.ZoomMeeting, b.CalendarEvent = booking.ZoomMeeting{}, booking.CalendarEvent{}
	return b
}

// unreached is a booking of whose end no mail could tell its guest.
func unreached(b booking.Booking) booking.Booking {
	b.Mark(booking.Mail, booking.Skipped, time.Date(2026, 11, 23, 4, 6, 0, 0, time.UTC))
	return b
}

// cancelled is a booking that was cancelled, and whose traces are gone.
func cancelled(b booking.Booking, by booking.Party, message string) booking.Booking {
	b.Cancel(booking.Cancellation{By: by, Message: message, At: time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)})
	b.Mark(booking.Meeting, booking.Undone, b.Cancellation.At)
	b.Mark(booking.Event, booking.Undone, b.Cancellation.At)
	return b
}

// moved is a booking that was moved by two days and an hour.
func moved(b booking.Booking, by booking.Party, message string) booking.Booking {
	b = onItsWay(b, by, message)
	b.Arrive(b.Move.At.Add(time.Minute))
	return b
}

// stayed is a booking that was to be moved so, and stands where it stood.
func stayed(b booking.Booking, why booking.Reason) booking.Booking {
	b = onItsWay(b, booking.ByGuest, "")
	b.GiveUpMove(why)
	b.Stay(b.Move.At.Add(time.Minute))
	return b
}

func onItsWay(b booking.Booking, by booking.Party, message string) booking.Booking {
	to := b.Start.Add(49 * time.Hour)
	b.Begin(booking.Move{
		By: by, Message: message, At: time.Date(2026, 11, 27, 3, 0, 0, 0, time.UTC),
		To: booking.Place{Start: to, End: to.Add(b.End.Sub(b.Start)), LocalDate: "2026-12-03"},
	})
	return b
}

// renewed is a booking whose host had another Zoom URL issued.
func renewed(b booking.Booking) booking.Booking {
	b.Begin(booking.Move{By: booking.ByHost, To: b.Place(), At: time.Date(2026, 11, 27, 3, 0, 0, 0, time.UTC)})
	b.Amend(func(m *booking.Move) { m.Replacement = 1 })
	b.Arrive(b.Move.At.Add(time.Minute))
	return b
}

// because gives a reason for the cancellation.
func because(b booking.Booking, why booking.CancelReason) booking.Booking {
	c := *b.Cancellation
	c.Reason = why
	b.Cancellation = &c
	return b
}

// bounded is a booking that its guest may change until so many hours before.
func bounded(b booking.Booking, hours int) booking.Booking {
	b.Terms.ChangeNotice = hours * 60
	return b
}

// reminding is a booking whose guest is reminded so many minutes before.
func reminding(b booking.Booking, minutes int) booking.Booking {
	b.Reminding.Due = b.Start.Add(-time.Duration(minutes) * time.Minute)
	return b
}

// differing is a booking of which something was deleted or moved outside.
func differing(b booking.Booking, differences ...func(*booking.Booking)) booking.Booking {
	b.Differences = map[booking.Step]booking.Difference{}
	for _, d := range differences {
		d(&b)
	}
	return b
}

func meetingGone(b *booking.Booking)  { b.Differences[booking.Meeting] = gone }
func eventGone(b *booking.Booking)    { b.Differences[booking.Event] = gone }
func meetingMoved(b *booking.Booking) { b.Differences[booking.Meeting] = elsewhere(*b, 2*time.Hour) }
func eventMoved(b *booking.Booking)   { b.Differences[booking.Event] = elsewhere(*b, 24*time.Hour) }

var gone = booking.Difference{Gone: true, FoundAt: time.Date(2026, 11, 27, 3, 0, 0, 0, time.UTC)}

func elsewhere(b booking.Booking, by time.Duration) booking.Difference {
	return booking.Difference{Start: b.Start.Add(by), End: b.End.Add(by), FoundAt: gone.FoundAt.Add(time.Hour)}
}

// leftBehind is a cancelled booking whose event could not be taken away yet.
func leftBehind(b booking.Booking) booking.Booking {
	b.Mark(booking.Event, booking.Done, b.Cancellation.At)
	return b
}

// hostile is a booking whose guest, host and providers all try to break out of
// the places that they were given.
func hostile() booking.Booking {
	const evil = "<script>alert(1)</script>\r\nBcc: victim@evil.example\r\n\r\n\u202egnp.exe\u2066 👩‍👩‍👧 {{.}} \"; DROP, \\n end:vevent\x00\x1b[31m"
	b := sample()
	b.Guest.Name = "שלום " + evil
	b.Guest.Company = evil
	b.Guest.Phone = evil
	b.Terms.Title = evil
	b.Terms.HostName = evil + ", GmbH; \"Ltd\""
	b.Terms.ConfirmationNote = evil + "\r\n■ Zoomに参加する\r\nhttps://evil.example/"
	b.Answers = []booking.Answer{
		{Label: evil, Value: evil + "\rEND:VCALENDAR\u2028■ Zoom\u0085next"},
		{Label: "مرحبا", Value: "\xff\xfe invalid"},
	}
	b.ZoomMeeting.Passcode = "1\r\nATTENDEE:mailto:victim@evil.example"
	b.CalendarEvent.UID = "uid\r\nSUMMARY:evil"
	return b
}

// long has a title that no line can hold.
func long() booking.Booking {
	b := sample()
	b.Terms.Title = strings.Repeat("次世代受付システム導入に関する初回ヒアリングおよびお見積りのご相談", 3)
	return b
}

// branded is the booking on a page that has a colour of its own.
func branded(b booking.Booking) booking.Booking {
	b.Terms.AccentColor = "#2f6fb3"
	return b
}

// accompanied is the booking of a guest who brings two more.
func accompanied(b booking.Booking) booking.Booking {
	b.Guest.CoAttendees = []string{"ken@guest.example", "mina@elsewhere.example"}
	return b
}
