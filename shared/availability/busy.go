package availability

// minutes is a set of the minutes of some time, a bit for each. Slots start on
// whole minutes, since windows do and every zone's offset has been whole minutes
// since 1972; so a busy time may be taken to fill the minutes that it touches, and
// overlapping ones in any order cost nothing to join.
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
	return minutes{start: start, count: count, bits: make([]uint64, count/bitsPerWord+1)}
}

// mark adds the minutes that [from, to) touches.
func (m minutes) mark(from, to int64) {
	first, last, ok := m.touched(from, to)
	if !ok {
		return
	}
	for word := first / bitsPerWord; word <= last/bitsPerWord; word++ {
		m.bits[word] |= mask(word, first, last)
	}
}

// meets reports whether a minute that [from, to) touches is in the set.
func (m minutes) meets(from, to int64) bool {
	first, last, ok := m.touched(from, to)
	if !ok {
		return false
	}
	for word := first / bitsPerWord; word <= last/bitsPerWord; word++ {
		if m.bits[word]&mask(word, first, last) != 0 {
			return true
		}
	}
	return false
}

// touched numbers the first and the last minute that [from, to) touches; ok is
// false if it is empty or none is of the set's time.
func (m minutes) touched(from, to int64) (first, last int64, ok bool) {
	if from >= to || to <= m.start {
		return 0, 0, false
	}
	first = max(from-m.start, 0) / secondsPerMinute
	last = min((to-m.start-1)/secondsPerMinute, m.count-1)
	return first, last, first <= last
}

// mask has the bits of a word that stand for minutes first to last.
func mask(word, first, last int64) uint64 {
	bits := ^uint64(0)
	if from := first - word*bitsPerWord; from > 0 {
		bits <<= from
	}
	if over := (word+1)*bitsPerWord - 1 - last; over > 0 {
		bits &= ^uint64(0) >> over
	}
	return bits
}
