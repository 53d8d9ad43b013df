package mail

import (
	"fmt"
	"time"

	"yakusoku/shared/booking"
	"yakusoku/shared/language"
	"yakusoku/shared/zone"
)

// when is a span of time as it is read in one zone, which it names.
type when struct {
	Date  string  // 2026年12月1日(火)
	Clock string  // 10:00–10:30
	Zone  string  // 日本時間 / Asia/Tokyo, UTC+9
	Line  passage // all of it
	Brief string  // 12月1日(火) 10:00
}

// times are the one or two readings of a booking's time: the reader's own, and
// the other side's if it differs.
type times struct {
	Label      string
	Own        when
	OtherLabel string
	Other      *when
}

// read gives a booking's time in the reader's zone and in the other side's. Where
// both clocks show the same there is nothing more to say.
func read(b booking.Booking, w *words, reader, other, otherLabel string) (*times, error) {
	own, err := zone.Load(reader)
	if err != nil {
		return nil, err
	}
	theirs, err := zone.Load(other)
	if err != nil {
		return nil, err
	}
	t := &times{Own: w.when(b.Start.In(own), b.End.In(own)), OtherLabel: otherLabel}
	if offset(b.Start, own) != offset(b.Start, theirs) || offset(b.End, own) != offset(b.End, theirs) {
		o := w.when(b.Start.In(theirs), b.End.In(theirs))
		t.Other = &o
		t.Own.Brief += w.brackets(utc(b.Start.In(own)))
	}
	return t, nil
}

// offset is how many seconds the zone is ahead of UTC at t.
func offset(t time.Time, zone *time.Location) int {
	_, seconds := t.In(zone).Zone()
	return seconds
}

// when reads a span whose ends are in the same zone.
func (w *words) when(start, end time.Time) when {
	r := when{
		Date:  w.date(start),
		Clock: w.clock(start, end),
		Zone:  w.zone(start, end),
	}
	r.Line = passage(w.moment(r.Date, r.Clock) + w.brackets(r.Zone))
	r.Brief = w.brief(start)
	return r
}

// instant is one time, which names its zone.
func (w *words) instant(t time.Time) passage {
	return passage(w.moment(w.date(t), w.hour(t)) + w.brackets(w.zone(t, t)))
}

// zone names the zone in words where it has a name, and always by its IANA name
// and its offset. A span that a clock change divides has two.
func (w *words) zone(start, end time.Time) string {
	iana := start.Location().String()
	name := iana + ", " + utc(start)
	if utc(start) != utc(end) {
		name += " → " + utc(end)
	}
	if spoken := zoneNames[iana][w.tag]; spoken != "" {
		name = spoken + " / " + name
	}
	return name
}

// utc is the offset of t in t's zone, such as UTC+9, UTC−3:30 or UTC±0.
func utc(t time.Time) string {
	_, seconds := t.Zone()
	sign := "+"
	if seconds < 0 {
		sign, seconds = "−", -seconds
	}
	switch hours, minutes := seconds/3600, seconds%3600/60; {
	case hours == 0 && minutes == 0:
		return "UTC±0"
	case minutes == 0:
		return fmt.Sprintf("UTC%s%d", sign, hours)
	default:
		return fmt.Sprintf("UTC%s%d:%02d", sign, hours, minutes)
	}
}

// sameDay reports whether two times of one zone have the same date there.
func sameDay(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }

// zoneNames are what people call the zones that guests and hosts are most often
// in; Asia/Calcutta and Asia/Saigon are what browsers still report. Others go by
// their IANA name alone.
var zoneNames = map[string]map[language.Tag]string{
	"Asia/Tokyo":          {language.Japanese: "日本時間", language.English: "Japan time"},
	"Asia/Seoul":          {language.Japanese: "韓国時間", language.English: "Korea time"},
	"Asia/Shanghai":       {language.Japanese: "中国時間", language.English: "China time"},
	"Asia/Hong_Kong":      {language.Japanese: "香港時間", language.English: "Hong Kong time"},
	"Asia/Taipei":         {language.Japanese: "台湾時間", language.English: "Taiwan time"},
	"Asia/Singapore":      {language.Japanese: "シンガポール時間", language.English: "Singapore time"},
	"Asia/Bangkok":        {language.Japanese: "タイ時間", language.English: "Thailand time"},
	"Asia/Ho_Chi_Minh":    {language.Japanese: "ベトナム時間", language.English: "Vietnam time"},
	"Asia/Saigon":         {language.Japanese: "ベトナム時間", language.English: "Vietnam time"},
	"Asia/Kolkata":        {language.Japanese: "インド時間", language.English: "India time"},
	"Asia/Calcutta":       {language.Japanese: "インド時間", language.English: "India time"},
	"Asia/Dubai":          {language.Japanese: "アラブ首長国連邦時間", language.English: "UAE time"},
	"Australia/Sydney":    {language.Japanese: "シドニー時間", language.English: "Sydney time"},
	"Europe/London":       {language.Japanese: "英国時間", language.English: "UK time"},
	"Europe/Paris":        {language.Japanese: "中央ヨーロッパ時間", language.English: "Central European time"},
	"Europe/Berlin":       {language.Japanese: "中央ヨーロッパ時間", language.English: "Central European time"},
	"Europe/Madrid":       {language.Japanese: "中央ヨーロッパ時間", language.English: "Central European time"},
	"Europe/Rome":         {language.Japanese: "中央ヨーロッパ時間", language.English: "Central European time"},
	"Europe/Amsterdam":    {language.Japanese: "中央ヨーロッパ時間", language.English: "Central European time"},
	"America/New_York":    {language.Japanese: "米国東部時間", language.English: "US Eastern time"},
	"America/Chicago":     {language.Japanese: "米国中部時間", language.English: "US Central time"},
	"America/Denver":      {language.Japanese: "米国山岳部時間", language.English: "US Mountain time"},
	"America/Los_Angeles": {language.Japanese: "米国太平洋時間", language.English: "US Pacific time"},
	"Pacific/Honolulu":    {language.Japanese: "ハワイ時間", language.English: "Hawaii time"},
	"UTC":                 {language.Japanese: "協定世界時", language.English: "Coordinated Universal Time"},
	"Etc/UTC":             {language.Japanese: "協定世界時", language.English: "Coordinated Universal Time"},
}
