package availability

import "yakusoku/shared/calendar"

// minutes is a set of the minutes of some time, a bit for each. Slots start on
// whole minutes, since windows do and every zone's offset has been whole minutes
// since 1972. So a start is looked up in one step, and busy times that overlap, in
// any order, cost nothing to join.
type minutes struct {
	start int64 // Unix seconds, a whole minute
	count int64
	bits  []uint64
}

const (
	secondsPerMinute = 60
	bitsPerWord      = 64
)

// minutesOf is the empty set for [from, to).
func minutesOf(from, to int64) minutes {
	start := floorDiv(from, secondsPerMinute) * secondsPerMinute
	count := (to - start + secondsPerMinute - 1) / secondsPerMinute
	return minutes{start: start, count: count, bits: make([]uint64, (count+bitsPerWord-1)/bitsPerWord)}
}

// add puts in every minute that [from, to) touches.
func (m minutes) add(from, to int64) {
	if to <= from || to <= m.start {
		return
	}
	first := max(from-m.start, 0) / secondsPerMinute
	last := min((to-m.start-1)/secondsPerMinute, m.count-1)
	if first > last {
		return
	}
	head := ^uint64(0) << (first % bitsPerWord)
	tail := ^uint64(0) >> (bitsPerWord - 1 - last%bitsPerWord)
	from, to = first/bitsPerWord, last/bitsPerWord
	if from == to {
		head, tail = head&tail, head&tail
	}
	m.bits[from] |= head
	m.bits[to] |= tail
	for word := from + 1; word < to; word++ {
		m.bits[word] = ^uint64(0)
	}
}

// has reports whether the minute of an instant within the set's time is in it.
func (m minutes) has(at int64) bool {
	minute := (at - m.start) / secondsPerMinute
	return m.bits[minute/bitsPerWord]>>(minute%bitsPerWord)&1 == 1
}

// blocked is the set of the starts in [lo, hi) whose slot, widened by its buffers,
// meets a busy time. A busy time [b, e) blocks the whole minutes s for which
// s-before < e and b < s+duration+after.
func (r *Rules) blocked(busy []calendar.Interval, lo, hi int64) minutes {
	m := minutesOf(lo, hi)
	reach := r.duration + r.after - secondsPerMinute
	for _, b := range busy {
		if from, to := b.Start.Unix(), ceil(b.End); from < to {
			m.add(from-reach, to+r.before)
		}
	}
	return m
}
