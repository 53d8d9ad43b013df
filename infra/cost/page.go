package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"yakusoku/infra/function"
	"yakusoku/infra/meter"
	"yakusoku/infra/printed"
)

//go:embed COST.md.tmpl
var layout string

// target is what a booking may cost without its mails (DESIGN §9).
const target = 0.0004

// scales are the bookings of the months that are shown.
var scales = []float64{100, 10_000, 1_000_000}

// line is an amount of something at its price.
type line struct {
	Price  Price
	Amount float64
	USD    float64
}

// lines are a usage's, the dearest first, but for SES.
func (l List) lines(u Usage) (all []line, err error) {
	for id, amount := range u {
		p, ok := l.price(id)
		if !ok {
			return nil, fmt.Errorf("there is no price of %s", id)
		}
		if usd := amount * p.each(); p.Service != ses && usd > 0 {
			all = append(all, line{p, amount, usd})
		}
	}
	slices.SortFunc(all, func(a, b line) int {
		if a.USD != b.USD {
			return int(math.Copysign(1, b.USD-a.USD))
		}
		return strings.Compare(string(a.Price.ID), string(b.Price.ID))
	})
	return all, nil
}

// month is one of a number of bookings.
type month struct {
	Name           string
	Bookings       float64
	Hosts          float64
	Bill           Bill
	Total          float64
	Each, EachBare float64 // a booking of it
}

// doing is a row of what was measured.
type doing struct {
	meter.Reading
	Says     string
	USD, SES float64
}

// Sum is the amount of a kind.
func (d doing) Sum(k string) float64 { return d.Amounts.Sum(meter.Kind(k)) }

// Mails is how many were sent.
func (d doing) Mails() float64 { return d.Amounts.Of(meter.Calls, "ses") }

// says are what was measured, in the order of the page.
var says = []struct {
	doing meter.Doing
	text  string
}{
	{meter.View, "page view"},
	{meter.Fetch, "the page's script from the function"},
	{meter.Month, "another month's times"},
	{meter.Book, "booking, to its last mail, with notifications"},
	{meter.After, "the minute after it"},
	{meter.Follow, "a look of the guest's page at it"},
	{meter.Remind, "reminder"},
	{meter.Move, "move"},
	{meter.Cancel, "cancellation"},
	{meter.Mirror, "reading of a calendar in which nothing changed"},
	{meter.Audit, "audit of a host with twenty bookings and more"},
	{meter.Renew, "renewal of a grant"},
	{meter.Minute, "minute in which nothing happens"},
}

// page is what the layout is filled with.
type page struct {
	Model                         Model
	List                          List
	Today, Commit, Machine        string
	Short, Verdict, EdgeSays      string
	Stands, Starts                string
	Booking                       []line
	BookingTotal, BookingMails    float64
	AroundTotal, AroundMails      float64
	HostTotal, IdleTotal, Further float64
	Months                        []month
	Services                      []string
	Idle                          Bill
	Doings                        []doing
	Memories                      []int
	Calls                         []call
	Assumed                       []struct{ Name, Value, Why string }
}

// fill puts the model's figures into a page.
func fill(m Model, planned bool, commit string) (page, error) {
	p := page{
		Model: m, List: m.List, Today: time.Now().UTC().Format(time.DateOnly), Commit: commit,
		Machine: printed.Machine(),
	}
	booking, err := m.bill(m.booking())
	if err != nil {
		return page{}, err
	}
	if p.Booking, err = m.lines(m.booking()); err != nil {
		return page{}, err
	}
	p.BookingTotal, p.BookingMails = booking.total(ses), booking[ses]
	around, err := m.bill(m.around())
	if err != nil {
		return page{}, err
	}
	host, err := m.bill(m.host())
	if err != nil {
		return page{}, err
	}
	p.AroundTotal, p.AroundMails, p.HostTotal = around.total(ses), around[ses], host.total()
	p.Further = p.AroundTotal + host.total(ses)/m.BookingsOfHost
	if p.Idle, err = m.bill(m.idle()); err != nil {
		return page{}, err
	}
	p.IdleTotal = p.Idle.total()
	services := map[string]bool{}
	for _, bookings := range scales {
		bill, err := m.bill(m.month(bookings))
		if err != nil {
			return page{}, err
		}
		for service, usd := range bill {
			if usd > 0 {
				services[service] = true
			}
		}
		p.Months = append(p.Months, month{
			Name: number(bookings) + " bookings", Bookings: bookings, Hosts: m.hosts(bookings),
			Bill: bill, Total: bill.total(), Each: bill.total() / bookings, EachBare: bill.total(ses) / bookings,
		})
	}
	last := p.Months[len(p.Months)-1].Bill
	p.Services = slices.SortedFunc(maps.Keys(services), func(a, b string) int { return int(math.Copysign(1, last[b]-last[a])) })
	for _, row := range says {
		bill, err := m.bill(m.of(row.doing))
		if err != nil {
			return page{}, err
		}
		p.Doings = append(p.Doings, doing{m.Sheet.Doings[row.doing], row.text, bill.total(ses), bill[ses]})
	}
	p.Memories = memories
	if p.Calls, err = m.calls(); err != nil {
		return page{}, err
	}
	for _, a := range m.list() {
		p.Assumed = append(p.Assumed, struct{ Name, Value, Why string }{a.name, a.text(), a.why})
	}
	p.Verdict, p.Stands, p.Starts = p.verdict(), m.stands(), m.startsSay()
	p.EdgeSays = "CloudFront and WAF stand before it, as the templates say."
	switch {
	case planned:
		p.EdgeSays = "The templates have no CloudFront yet: it and a web ACL are counted as planned (`-planned-rules`)."
	case !m.Edge:
		p.EdgeSays = "There is no CloudFront before it."
	}
	p.Short = p.short()
	return p, nil
}

// verdict says whether the target is met, and what is to be blamed if not.
func (p page) verdict() string {
	if p.BookingTotal <= target {
		return fmt.Sprintf("The target is met: %s of %s.", usd(p.BookingTotal), usd(target))
	}
	var most []string
	for _, l := range p.Booking[:min(3, len(p.Booking))] {
		most = append(most, fmt.Sprintf("%s %s", l.Price.ID, usd(l.USD)))
	}
	return fmt.Sprintf("The target is missed by %s; most of it are %s.", usd(p.BookingTotal-target), strings.Join(most, ", "))
}

// stands are the things that are paid for by the month.
func (m Model) stands() string {
	var all []string
	for _, p := range m.Prices {
		if n := m.Deployment.Month[p.ID]; n > 0 {
			what, _, _ := strings.Cut(p.Of, " for a month")
			all = append(all, fmt.Sprintf("%s: %s", what, number(n)))
		}
	}
	return strings.Join(append(all, fmt.Sprintf("series of metrics: %d", m.Sheet.Series)), "; ")
}

func (m Model) startsSay() string {
	var all []string
	for _, f := range function.All() {
		all = append(all, fmt.Sprintf("%s %.0f ms", f.Name, float64(m.Inits[f.Name].Processor.Microseconds())/1000))
	}
	return strings.Join(all, ", ") + " of processor time"
}

// short is what README shows too.
func (p page) short() string {
	var b strings.Builder
	vendors := p.List.vendors()
	b.WriteString("| bookings a month | hosts | AWS | of which mails | a booking |")
	for _, v := range vendors {
		fmt.Fprintf(&b, " %s |", v.name)
	}
	b.WriteString("\n| ---: | ---: | ---: | ---: | ---: |" + strings.Repeat(" ---: |", len(vendors)) + "\n")
	for _, m := range p.Months {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |", number(m.Bookings), number(m.Hosts), cents(m.Total), cents(m.Bill[ses]), usd(m.Each))
		for _, v := range vendors {
			fmt.Fprintf(&b, " $%s to %s |", number(v.least*m.Hosts), number(v.most*m.Hosts))
		}
		b.WriteString("\n")
	}
	b.WriteString("\nThe others ask by seat and month, paid by the year; mails, telephone and features differ:\n")
	for i, peer := range p.List.Peers {
		end := ";"
		if i == len(p.List.Peers)-1 {
			end = "."
		}
		fmt.Fprintf(&b, "%s $%g (%s; as of %s)%s\n", peer.Name, peer.USD, peer.Source, peer.AsOf, end)
	}
	return b.String()
}

// vendor is who asks for seats, and how little and how much.
type vendor struct {
	name        string
	least, most float64
}

// vendors are the peers by the first word of their names.
func (l List) vendors() (all []vendor) {
	for _, p := range l.Peers {
		name, _, _ := strings.Cut(p.Name, " ")
		i := slices.IndexFunc(all, func(v vendor) bool { return v.name == name })
		if i < 0 {
			all = append(all, vendor{name, p.USD, p.USD})
			continue
		}
		all[i].least, all[i].most = min(all[i].least, p.USD), max(all[i].most, p.USD)
	}
	return all
}

// render fills the layout in.
func render(p page) ([]byte, error) {
	t, err := template.New("page").Funcs(template.FuncMap{"usd": usd, "cents": cents, "number": number, "percent": percent}).Parse(layout)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, p)
	return out.Bytes(), err
}

// usd is an amount of money of which there is little: two digits that count.
func usd(v float64) string {
	if v == 0 {
		return "0"
	}
	digits := max(2, 1-int(math.Floor(math.Log10(math.Abs(v)))))
	return "$" + strconv.FormatFloat(v, 'f', digits, 64)
}

// cents is an amount of money as on a bill; what there is, is not nothing.
func cents(v float64) string {
	if v > 0 && v < 0.005 {
		return "< $0.01"
	}
	if v >= 1000 {
		return "$" + number(math.Round(v))
	}
	return "$" + strconv.FormatFloat(v, 'f', 2, 64)
}

func percent(part, whole float64) string { return fmt.Sprintf("%.0f %%", 100*part/whole) }

// number is one as people read it: 12,345 or 0.012.
func number(v float64) string {
	if v != math.Trunc(v) && math.Abs(v) < 100 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return printed.Whole(v)
}
