package hook

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/shared/booking"
	"yakusoku/shared/language"
)

var update = flag.Bool("update", false, "write the golden files")

// sampleBooking is confirmed, three days from now.
func sampleBooking(l language.Tag) booking.Booking {
	b := booking.Booking{
		ID: "bk_7f3k2m9q", Page: "intro", Host: "demo", Status: booking.Confirmed,
		Start: now.AddDate(0, 0, 3), End: now.AddDate(0, 0, 3).Add(30 * time.Minute),
		Guest:       booking.Guest{Name: "山田 太郎", Email: "taro@guest.example", Company: "株式会社見本", Phone: "03-1234-5678"},
		Terms:       booking.Terms{Title: "初回相談", HostTimeZone: "Asia/Tokyo", HostLanguage: language.Japanese},
		Answers:     []booking.Answer{{ID: "topic", Label: "ご相談内容", Value: "導入の相談\n費用について"}},
		ZoomMeeting: booking.ZoomMeeting{JoinURL: "https://zoom.us/j/91234567890?pwd=a"},
	}
	if l == language.English {
		b.Guest = booking.Guest{Name: "Alex Guest", Email: "alex@guest.example"}
		b.Terms = booking.Terms{Title: "Intro call", HostTimeZone: "Europe/Berlin", HostLanguage: language.English}
		b.Answers = []booking.Answer{{ID: "topic", Label: "Topic", Value: "Pricing"}}
	}
	return b
}

// whatHappens are the news that there can be of a booking.
func whatHappens(b booking.Booking) map[string]told {
	news := func(kind booking.NewsKind, change func(*booking.Booking, *booking.News)) told {
		b := b
		n := booking.News{Number: 1, Kind: kind, At: now, Start: b.Start, End: b.End, JoinURL: b.ZoomMeeting.JoinURL}
		change(&b, &n)
		return tell(b, n)
	}
	return map[string]told{
		"confirmed": news(booking.NewsConfirmed, func(b *booking.Booking, _ *booking.News) {
			// What became of it since is not this news.
			b.Status, b.Start = booking.Cancelled, b.Start.AddDate(0, 0, 7)
			b.Cancellation = &booking.Cancellation{By: booking.ByHost, At: now.Add(time.Hour)}
			b.ZoomMeeting.JoinURL = ""
		}),
		"failed": news(booking.NewsFailed, func(b *booking.Booking, n *booking.News) {
			b.Status, b.Reason, n.JoinURL = booking.Failed, booking.ReasonZoomUnavailable, ""
		}),
		"cancelled": news(booking.NewsCancelled, func(b *booking.Booking, n *booking.News) {
			b.Status, n.JoinURL = booking.Cancelled, ""
			b.Cancellation = &booking.Cancellation{By: booking.ByGuest, Reason: booking.Conflict, Message: "急な出張が入りました。\n申し訳ございません。", At: now}
		}),
		"rescheduled": news(booking.NewsRescheduled, func(b *booking.Booking, n *booking.News) {
			n.From, n.Start, n.End = n.Start, n.Start.AddDate(0, 0, 1), n.End.AddDate(0, 0, 1)
		}),
		"new_url": news(booking.NewsRescheduled, func(_ *booking.Booking, n *booking.News) {
			n.From, n.JoinURL = n.Start, "https://zoom.us/j/90000000000?pwd=b"
		}),
		"test": sample(b.Terms.HostLanguage, b.Terms.HostTimeZone, now),
	}
}

func body(t *testing.T, f Format, of told) string {
	t.Helper()
	text, err := compose(f, "msg_06bo8i1c00abcdefghijklmnop", of, "https://book.example.com")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestBodiesSayWhatTheGoldenFilesSay(t *testing.T) {
	for _, l := range []language.Tag{language.Japanese, language.English} {
		for what, of := range whatHappens(sampleBooking(l)) {
			for _, f := range Formats {
				name := strings.Join([]string{string(f), what, string(l)}, "_")
				t.Run(name, func(t *testing.T) {
					var pretty bytes.Buffer
					if err := json.Indent(&pretty, []byte(body(t, f, of)), "", "  "); err != nil {
						t.Fatal(err)
					}
					pretty.WriteByte('\n')
					path := filepath.Join("testdata", name+".json")
					if *update {
						if err := os.WriteFile(path, pretty.Bytes(), 0o644); err != nil {
							t.Fatal(err)
						}
					}
					want, err := os.ReadFile(path)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
						t.Errorf("-want +got:\n%s", diff)
					}
				})
			}
		}
	}
}

// hostile is a guest who would like to call everybody, and to say what we say.
func hostile() told {
	b := sampleBooking(language.Japanese)
	b.Guest.Name = "<!channel> <!here|x> <users/all> <@U123>\n*Zoom URL*  <https://evil.example|zoom.us>\u202e"
	b.Guest.Company = `</b><a href="https://evil.example">&lt;!everyone&gt;`
	b.Answers = []booking.Answer{{ID: "topic", Label: "ご相談内容", Value: "<!subteam^S1>\r\n\u2028> quoted"}}
	b.Cancellation = &booking.Cancellation{By: booking.ByGuest, Message: "<users/all>\n```", At: now}
	return tell(b, booking.News{Number: 1, Kind: booking.NewsCancelled, At: now, Start: b.Start, End: b.End})
}

func TestNoGuestCallsEverybodyOrWritesLinesOfOurs(t *testing.T) {
	slack := body(t, Slack, hostile())
	var message slackMessage
	if err := json.Unmarshal([]byte(slack), &message); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(message.Text, "<>\n") {
		t.Errorf("text: %s", message.Text)
	}
	if said := message.Blocks[1].Text; strings.ContainsAny(said.Text, "<>") || !said.Verbatim {
		t.Errorf("section: %+v", said)
	}
	if n, want := strings.Count(message.Blocks[1].Text.Text, "\n")+1, 7; n != want {
		t.Errorf("%d lines, want %d:\n%s", n, want, message.Blocks[1].Text.Text)
	}
	if !strings.Contains(slack, "&amp;lt;!everyone&amp;gt;") || !strings.Contains(slack, "&lt;!channel&gt;") {
		t.Errorf("what was typed is not shown as it was: %s", slack)
	}
	chat := body(t, GoogleChat, hostile())
	var card chatMessage
	if err := json.Unmarshal([]byte(chat), &card); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(card.Text, "<>\n") {
		t.Errorf("text: %s", card.Text)
	}
	for _, w := range card.Cards[0].Card.Sections[0].Widgets {
		if w.Decorated != nil && strings.ContainsAny(w.Decorated.Text, "<>\n") {
			t.Errorf("widget: %+v", w.Decorated)
		}
	}
	for _, text := range []string{slack, chat} {
		if strings.ContainsRune(text, '\u202e') || strings.ContainsRune(text, '\u2028') {
			t.Errorf("it turns text around: %s", text)
		}
	}
}

// A URL that is ours to link is one that the provider gave; it too ends no link.
func TestAJoinURLIsOneLink(t *testing.T) {
	of := whatHappens(sampleBooking(language.English))["confirmed"]
	of.joinURL = `https://zoom.us/j/1?a=<x>&b="|y`
	if slack := body(t, Slack, of); !strings.Contains(slack, `<https://zoom.us/j/1?a=&lt;x&gt;&amp;b=\"%7Cy>`) {
		t.Errorf("slack: %s", slack)
	}
	if chat := body(t, GoogleChat, of); !strings.Contains(chat, `<a href=\"https://zoom.us/j/1?a=&lt;x&gt;&amp;b=&#34;|y\">`) {
		t.Errorf("chat: %s", chat)
	}
}

func TestLongTextsFitWhatAChatTakes(t *testing.T) {
	of := whatHappens(sampleBooking(language.Japanese))["cancelled"]
	long := strings.Repeat("長", 5000)
	of.booking.Guest.Name, of.booking.Guest.Company, of.booking.Terms.Title = long, long, long
	of.booking.Cancellation = &booking.Cancellation{By: booking.ByGuest, Message: strings.Repeat("&", 5000)}
	of.booking.Answers = []booking.Answer{{Label: long, Value: long}, {Label: long, Value: long}, {Label: long, Value: long}, {Label: "4", Value: "four"}}
	var message slackMessage
	if err := json.Unmarshal([]byte(body(t, Slack, of)), &message); err != nil {
		t.Fatal(err)
	}
	if n := len([]rune(message.Blocks[1].Text.Text)); n > slackLimit {
		t.Errorf("%d characters in a section", n)
	}
	if text := body(t, GoogleChat, of); len(text) > 32_000 || strings.Contains(text, "four") {
		t.Errorf("%d octets", len(text))
	}
}

// A program's body is data: nothing is cut, and everything is there.
func TestAProgramIsToldEverythingAsItWasTyped(t *testing.T) {
	of := hostile()
	var got Event
	if err := json.Unmarshal([]byte(body(t, JSON, of)), &got); err != nil {
		t.Fatal(err)
	}
	if g := got.Data.Booking; g.Guest.Name != of.booking.Guest.Name || g.Answers[0].Value != of.booking.Answers[0].Value || g.Cancellation.Message != of.booking.Cancellation.Message {
		t.Errorf("got %+v", g)
	}
}

func TestThereAreWordsForAllThatCanHappen(t *testing.T) {
	for name, w := range map[string]*words{"ja": &japanese, "en": &english} {
		for _, k := range append(Kinds, Test) {
			if w.titles[k] == "" {
				t.Errorf("%s has no words for %s", name, k)
			}
		}
		for _, r := range []booking.Reason{
			booking.ReasonSlotTaken, booking.ReasonZoomUnavailable, booking.ReasonCalendarFailed, booking.ReasonMailFailed,
			booking.ReasonHostDisconnected, booking.ReasonTooLate,
		} {
			if w.reasons[r] == "" {
				t.Errorf("%s has no words for %s", name, r)
			}
		}
		for _, r := range []booking.CancelReason{booking.Conflict, booking.NotNeeded, booking.OtherReason} {
			if w.cancelReasons[r] == "" {
				t.Errorf("%s has no words for %s", name, r)
			}
		}
		for _, p := range []booking.Party{booking.ByGuest, booking.ByHost} {
			if w.parties[p] == "" {
				t.Errorf("%s has no words for %s", name, p)
			}
		}
	}
}

// Ids sort as their news does.
func TestDeliveriesSortByTheirNews(t *testing.T) {
	last := ""
	for _, at := range []time.Time{time.Unix(0, 0), now, now.Add(time.Millisecond), now.Add(time.Second), now.AddDate(10, 0, 0), now.AddDate(1000, 0, 0)} {
		id := DeliveryID("hook_1", "b1", booking.News{Number: 1, At: at})
		if id <= last || len(id) != len("msg_")+26 {
			t.Errorf("%s comes after %s", id, last)
		}
		last = id
	}
	n := booking.News{Number: 1, At: now}
	other := n
	other.Number = 2
	same := DeliveryID("hook_1", "b1", n)
	for _, id := range []string{DeliveryID("hook_2", "b1", n), DeliveryID("hook_1", "b2", n), DeliveryID("hook_1", "b1", other)} {
		if id == same {
			t.Error("two deliveries have one id")
		}
	}
}
