package hook

import (
	"html"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"yakusoku/shared/booking"
)

// notice is what a team's chat is told, in plain text: each format escapes for
// itself.
type notice struct {
	title string // what happened
	brief string // in one line, for a notification
	facts []fact
	link  string // to the booking in the console; empty for a test
	open  string // what the link says
}

// fact is one line of a notice. URL is where it leads, if anywhere.
type fact struct{ label, text, url string }

const (
	longestText   = 300 // characters of one fact
	mostAnswers   = 3
	longestChatID = 100
)

// noticeOf says what happened for people. The guest's phone stays in the console.
func noticeOf(t told, in *time.Location, origin string) notice {
	w, b := wordsOf(t.language), t.booking
	n := notice{title: w.titles[t.kind], open: w.open}
	moved := t.kind == booking.NewsRescheduled && !t.from.Equal(t.start)
	if t.kind == booking.NewsRescheduled && !moved {
		n.title = w.newURL
	}
	when := w.when(t.start.In(in), t.end.In(in))
	who := line(b.Guest.Name)
	if company := line(b.Guest.Company); company != "" {
		who += w.bracket(company)
	}
	n.brief = n.title + w.colon + who + w.comma + w.moment(t.start.In(in)) + w.comma + line(b.Terms.Title)
	n.add(w.page, b.Terms.Title)
	n.add(w.time, when)
	if moved {
		n.add(w.before, w.moment(t.from.In(in)))
	}
	n.add(w.guest, who)
	n.add(w.email, b.Guest.Email)
	if why := t.reason(); why != booking.ReasonNone {
		n.add(w.reason, w.reasons[why])
	}
	if c := t.cancellation(); c != nil {
		n.add(w.by, w.parties[c.By])
		n.add(w.reason, w.cancelReasons[c.Reason])
		n.add(w.message, c.Message)
	}
	if t.joinURL != "" {
		n.facts = append(n.facts, fact{label: w.joinURL, text: t.joinURL, url: t.joinURL})
	}
	for _, a := range b.Answers[:min(len(b.Answers), mostAnswers)] {
		n.add(line(a.Label), a.Value)
	}
	if t.kind != Test && len(b.ID) <= longestChatID {
		n.link = origin + "/console/bookings/" + b.ID
	}
	return n
}

// add adds a fact of one line, if it says anything.
func (n *notice) add(label, text string) {
	if text = line(text); text != "" {
		n.facts = append(n.facts, fact{label: label, text: text})
	}
}

// line makes one short line of what people typed: no text of theirs can look like
// another line of ours, or turn the writing's direction.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		case unicode.IsControl(r), unicode.IsSpace(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, string(utf8.RuneError)))
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= longestText {
		return s
	}
	return string([]rune(s)[:longestText-1]) + "…"
}

// The wire form of Slack's messages.
type (
	slackMessage struct {
		Text   string       `json:"text"`
		Blocks []slackBlock `json:"blocks"`
	}
	slackBlock struct {
		Type string    `json:"type"`
		Text slackText `json:"text"`
	}
	slackText struct {
		Type string `json:"type"`
		Text string `json:"text"`
		// Verbatim has Slack find no links and no names of its own in the text.
		Verbatim bool `json:"verbatim,omitempty"`
	}
)

// slackEscape is all that Slack asks for: nothing else begins a link or a mention
// (docs.slack.dev, "Formatting message text").
var slackEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// slackOf writes a message of blocks. Its text alone is shown in notifications, and
// by those who take Slack's form without its blocks. The console is a link: a button
// would call for an answer of ours.
func slackOf(n notice) slackMessage {
	m := slackMessage{Text: slackEscape.Replace(n.brief)}
	m.Blocks = append(m.Blocks, slackBlock{Type: "header", Text: slackText{Type: "plain_text", Text: n.title}})
	var lines []string
	for _, f := range n.facts {
		text := slackEscape.Replace(f.text)
		if f.url != "" {
			text = slackLink(f.url, "")
		}
		lines = append(lines, "*"+slackEscape.Replace(f.label)+"*  "+text)
	}
	m.Blocks = append(m.Blocks, slackSection(within(lines, slackLimit)))
	if n.link != "" {
		m.Blocks = append(m.Blocks, slackSection(slackLink(n.link, n.open)))
	}
	return m
}

func slackSection(text string) slackBlock {
	return slackBlock{Type: "section", Text: slackText{Type: "mrkdwn", Text: text, Verbatim: true}}
}

// slackLink links to the address, under words of ours if there are any.
func slackLink(address, words string) string {
	address = slackEscape.Replace(strings.ReplaceAll(address, "|", "%7C"))
	if words == "" {
		return "<" + address + ">"
	}
	return "<" + address + "|" + slackEscape.Replace(words) + ">"
}

// slackLimit is how many characters a text has at most.
const slackLimit = 3000

// within joins as many lines as the limit leaves room for.
func within(lines []string, limit int) string {
	var out strings.Builder
	length := 0
	for i, l := range lines {
		if length += utf8.RuneCountInString(l) + 1; length > limit {
			break
		}
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(l)
	}
	return out.String()
}

// The wire form of Google Chat's messages.
type (
	chatMessage struct {
		Text  string         `json:"text"`
		Cards []chatCardWith `json:"cardsV2"`
	}
	chatCardWith struct {
		ID   string   `json:"cardId"`
		Card chatCard `json:"card"`
	}
	chatCard struct {
		Sections []chatSection `json:"sections"`
	}
	chatSection struct {
		Widgets []chatWidget `json:"widgets"`
	}
	chatWidget struct {
		Decorated *chatText    `json:"decoratedText,omitempty"`
		Buttons   *chatButtons `json:"buttonList,omitempty"`
	}
	chatText struct {
		TopLabel string `json:"topLabel"`
		Text     string `json:"text"`
		Wrap     bool   `json:"wrapText"`
	}
	chatButtons struct {
		Buttons []chatButton `json:"buttons"`
	}
	chatButton struct {
		Text    string    `json:"text"`
		OnClick chatClick `json:"onClick"`
	}
	chatClick struct {
		OpenLink chatLink `json:"openLink"`
	}
	chatLink struct {
		URL string `json:"url"`
	}
)

// chatPlain takes what begins a link or a mention out of a message's text, for
// which Google Chat knows no escape: <users/all> calls everybody.
var chatPlain = strings.NewReplacer("<", "＜", ">", "＞")

// chatOf writes a message of a line of text and a card. In cards, text is HTML.
func chatOf(n notice) chatMessage {
	var widgets []chatWidget
	for _, f := range n.facts {
		text := html.EscapeString(f.text)
		if f.url != "" {
			text = `<a href="` + html.EscapeString(f.url) + `">` + text + `</a>`
		}
		widgets = append(widgets, chatWidget{Decorated: &chatText{TopLabel: f.label, Text: text, Wrap: true}})
	}
	if n.link != "" {
		widgets = append(widgets, chatWidget{Buttons: &chatButtons{Buttons: []chatButton{{
			Text: n.open, OnClick: chatClick{OpenLink: chatLink{URL: n.link}},
		}}}})
	}
	return chatMessage{
		Text:  chatPlain.Replace(n.brief),
		Cards: []chatCardWith{{ID: "booking", Card: chatCard{Sections: []chatSection{{Widgets: widgets}}}}},
	}
}
