package meter

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"yakusoku/infra/function"
)

// Profile is what a start is made of.
type Profile struct {
	Name     string
	Took     time.Duration // until it asked for work
	Packages []Package     // that were initialized, the longest first
}

// Package is one whose initialization took a while.
type Package struct {
	Path string
	Took time.Duration
}

// Initialized is what all packages' initialization took. The rest of the start is the
// system's and the runtime's, and main's.
func (p Profile) Initialized() (total time.Duration) {
	for _, one := range p.Packages {
		total += one.Took
	}
	return total
}

// Profiles says of functions, and of those that do nothing, what their starts are made of:
// the quickest of some starts each, as the runtime tells it (package runtime, GODEBUG's
// inittrace).
func Profiles(ctx context.Context, root, folder string, names ...string) ([]Profile, error) {
	s, err := newStarter(ctx, root, folder)
	if err != nil {
		return nil, err
	}
	defer s.close()
	var all []Profile
	for _, name := range names {
		binary, f := filepath.Join(folder, name+".bin"), function.All()[0]
		if i := slices.IndexFunc(function.All(), func(f function.Function) bool { return f.Name == name }); i >= 0 {
			binary, f = filepath.Join(root, ".build", name, "bootstrap"), function.All()[i]
		}
		var some []Profile
		for range 10 {
			var told bytes.Buffer
			start, err := s.start(ctx, binary, f, func(cmd *exec.Cmd) {
				cmd.Env = append(cmd.Env, "GODEBUG=inittrace=1")
				cmd.Stderr = &told
			})
			if err != nil {
				return nil, err
			}
			packages, err := initialized(told.Bytes())
			if err != nil {
				return nil, err
			}
			some = append(some, Profile{name, start.Took, packages})
		}
		all = append(all, slices.MinFunc(some, func(a, b Profile) int { return cmp.Compare(a.Took, b.Took) }))
	}
	return all, nil
}

// initialization is a line such as "init net/http @1.2 ms, 0.035 ms clock, 5144 bytes, 49 allocs".
var initialization = regexp.MustCompile(`(?m)^init (\S+) @[\d.]+ ms, ([\d.]+) ms clock`)

func initialized(told []byte) (all []Package, err error) {
	for _, line := range initialization.FindAllSubmatch(told, -1) {
		ms, err := strconv.ParseFloat(string(line[2]), 64)
		if err != nil {
			return nil, err
		}
		all = append(all, Package{string(line[1]), time.Duration(ms * float64(time.Millisecond))})
	}
	if len(all) == 0 {
		return nil, errors.New("the runtime told of no package's initialization")
	}
	slices.SortStableFunc(all, func(a, b Package) int { return cmp.Compare(b.Took, a.Took) })
	return all, nil
}
