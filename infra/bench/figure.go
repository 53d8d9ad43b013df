package main

import (
	"fmt"
	"math"
)

// Figure is one thing that was measured. Less of it is better.
type Figure struct {
	Name  string
	Value float64
	Unit  string `json:",omitempty"`
	// Target is what DESIGN §9 allows; 0: nothing is set.
	Target float64 `json:",omitempty"`
	// Guarded figures do not depend on how fast the machine is, or how busy: counts, and
	// ratios within one run. They may not grow by more than tolerance.
	Guarded bool `json:",omitempty"`
}

// tolerance is how much a guarded figure may grow before it is a regression.
const tolerance = 0.20

// count is a figure that is the same on every machine.
func count(name string, value float64, unit string, target float64) Figure {
	return Figure{Name: name, Value: value, Unit: unit, Target: target, Guarded: true}
}

// ratio is a figure that compares two things of one run.
func ratio(name string, value float64) Figure {
	return Figure{Name: name, Value: value, Unit: "×", Guarded: true}
}

// wall is a ratio of times on the wall's clock. It grows with whatever else is busy, since
// more than one thread takes part, and is shown and not guarded.
func wall(name string, value, target float64) Figure {
	return Figure{Name: name, Value: value, Unit: "×", Target: target}
}

// timed is a figure that is the machine's as much as ours.
func timed(name string, value float64, unit string, target float64) Figure {
	return Figure{Name: name, Value: value, Unit: unit, Target: target}
}

// met says whether the target is met; "" if there is none.
func (f Figure) met() string {
	switch {
	case f.Target == 0:
		return ""
	case f.Value <= f.Target:
		return "met"
	default:
		return "missed"
	}
}

// Baseline is what guarded figures were when somebody last accepted them, by name.
type Baseline map[string]float64

// grown is by what part the figure exceeds what it was; false if it is not guarded, or
// new.
func (b Baseline) grown(f Figure) (float64, bool) {
	was, known := b[f.Name]
	if !f.Guarded || !known {
		return 0, false
	}
	if was == 0 {
		if f.Value == 0 {
			return 0, true
		}
		return math.Inf(1), true
	}
	return f.Value/was - 1, true
}

// regressions says which figures have grown by more than they may, and by how much, and
// which are gone.
func (b Baseline) regressions(figures []Figure) (all []string) {
	seen := map[string]bool{}
	for _, f := range figures {
		seen[f.Name] = true
		if by, ok := b.grown(f); ok && by > tolerance {
			all = append(all, fmt.Sprintf("%s is %s, %.0f %% more than %s", f.Name, shown(f.Value), 100*by, shown(b[f.Name])))
		}
	}
	for name := range b {
		if !seen[name] {
			all = append(all, name+" is not measured any more")
		}
	}
	return all
}

// of is the baseline that the figures make.
func of(figures []Figure) Baseline {
	b := Baseline{}
	for _, f := range figures {
		if f.Guarded {
			b[f.Name] = math.Round(f.Value*1000) / 1000
		}
	}
	return b
}

// shown is a number with the digits that count.
func shown(v float64) string {
	if v == math.Trunc(v) || math.Abs(v) >= 1000 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}
