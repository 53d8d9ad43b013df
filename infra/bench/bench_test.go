package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yakusoku/infra/meter"
)

func TestWhatGrewByMoreThanAFifthIsARegression(t *testing.T) {
	baseline := Baseline{"trips.book": 10, "ratio": 2, "none": 0}
	for name, c := range map[string]struct {
		figures []Figure
		want    []string
	}{
		"as it was":          {[]Figure{count("trips.book", 10, "", 0), ratio("ratio", 2), count("none", 0, "", 0)}, nil},
		"less":               {[]Figure{count("trips.book", 1, "", 0), ratio("ratio", 1), count("none", 0, "", 0)}, nil},
		"a fifth more":       {[]Figure{count("trips.book", 12, "", 0), ratio("ratio", 2.4), count("none", 0, "", 0)}, nil},
		"more than that":     {[]Figure{count("trips.book", 13, "", 0), ratio("ratio", 2), count("none", 0, "", 0)}, []string{"trips.book is 13, 30 % more than 10"}},
		"something of none":  {[]Figure{count("trips.book", 10, "", 0), ratio("ratio", 2), count("none", 1, "", 0)}, []string{"none is 1, +Inf % more than 0"}},
		"one that is new":    {[]Figure{count("trips.book", 10, "", 0), ratio("ratio", 2), count("none", 0, "", 0), count("new", 9, "", 0)}, nil},
		"one that is timed":  {[]Figure{count("trips.book", 10, "", 0), timed("ratio", 20, "ms", 0), count("none", 0, "", 0)}, nil},
		"one that is missed": {[]Figure{ratio("ratio", 2), count("none", 0, "", 0)}, []string{"trips.book is not measured any more"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, baseline.regressions(c.figures)); diff != "" {
				t.Errorf("regressions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOnlyWhatIsGuardedBecomesTheBaseline(t *testing.T) {
	got := of([]Figure{count("a", 1, "", 0), ratio("b", 1.23456), timed("c", 3, "ms", 0), wall("d", 2, 2.2)})
	if diff := cmp.Diff(Baseline{"a": 1, "b": 1.235}, got); diff != "" {
		t.Errorf("baseline (-want +got):\n%s", diff)
	}
}

func TestTheTableShowsTargetsAndChanges(t *testing.T) {
	var out strings.Builder
	figures := []Figure{count("trips.submit", 3, "", 2), timed("confirmed.median", 256.4, "ms", 1000)}
	if err := table(&out, figures, Baseline{"trips.submit": 2}, []Figure{timed("confirmed.median", 300, "ms", 0)}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"trips.submit", "≤ 2", "missed", "+50 %", "confirmed.median", "256", "met", "300"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, &out)
		}
	}
}

func TestThePageShowsEachFigure(t *testing.T) {
	r := Record{Began: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC), Commit: "1234567", Figures: []Figure{count("trips.submit", 3, "", 2), timed("load", 1.5, "ms", 0)}}
	text, err := r.render()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2026-11-27", "1234567", "| trips.submit | 3  | ≤ 2  | missed | yes |", "| load | 1.5 ms |  |  |  |"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
}

func TestTheLastRunIsFoundAgain(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "bench")
	if got, err := last(folder); err != nil || len(got.Figures) > 0 {
		t.Errorf("before the first: %+v, %v", got, err)
	}
	began := time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)
	for i := range 2 {
		r := Record{Began: began.Add(time.Duration(i) * time.Hour), Figures: []Figure{count("a", float64(i), "", 0)}}
		if _, err := r.keep(folder); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := last(folder); err != nil || len(got.Figures) != 1 || got.Figures[0].Value != 1 {
		t.Errorf("the last is %+v, %v", got, err)
	}
	file := filepath.Join(folder, "baseline")
	if b, err := readBaseline(file); err != nil || len(b) > 0 {
		t.Errorf("before the first is accepted: %v, %v", b, err)
	}
	want := Baseline{"a": 1}
	if err := want.write(file); err != nil {
		t.Fatal(err)
	}
	if b, err := readBaseline(file); err != nil || !cmp.Equal(b, want) {
		t.Errorf("accepted %v, %v", b, err)
	}
}

func TestResultsOfBenchmarksAreRead(t *testing.T) {
	got := results([]byte(`goos: linux
BenchmarkOpen60Days1000Busy/Tokyo-2         	    1598	    133566 ns/op	       126.0 slots	   24592 B/op	       7 allocs/op
BenchmarkReference 	    4762	    121529.5 ns/op	       0 B/op	       0 allocs/op
PASS
`))
	want := map[string]result{"Open60Days1000Busy/Tokyo": {133566, 7}, "Reference": {121529.5, 0}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(result{})); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

func TestThePageWeighsWhatABrowserGets(t *testing.T) {
	got := weight([]meter.Part{
		{Kind: "text/html", Bytes: 3072, Head: 512, Inline: 1024}, {Kind: "text/javascript", Bytes: 2048, Head: 512}, {Kind: "image/png", Bytes: 1024},
	})
	if got[0].Value != 7 || got[1].Value != 3 {
		t.Errorf("%+v, want 7 KB, of which 3 KB code", got)
	}
}
