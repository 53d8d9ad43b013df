package availability

import (
	"testing"

	"pgregory.net/rapid"
)

func TestMinutesAreThoseThatWereTouched(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const length = 5 * bitsPerWord
		start := rapid.Int64Range(0, 1<<31).Draw(t, "start")
		set := minutesOf(start, start+rapid.Int64Range(1, length*secondsPerMinute).Draw(t, "seconds"))
		want := make([]bool, set.count)
		for range 3 {
			from := start + rapid.Int64Range(-1000, 60*length+1000).Draw(t, "from")
			to := from + rapid.Int64Range(-1000, 60*length).Draw(t, "length")
			set.add(from, to)
			for at := from; at < to; at++ {
				if minute := floorDiv(at-set.start, secondsPerMinute); minute >= 0 && minute < set.count {
					want[minute] = true
				}
			}
		}
		for minute, in := range want {
			if got := set.has(set.start + int64(minute)*secondsPerMinute); got != in {
				t.Fatalf("minute %d is in: %t, want %t", minute, got, in)
			}
		}
	})
}
