package meter

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// errNoProc says that processor time cannot be read here.
var errNoProc = errors.New("processor time is read from Linux' /proc, which is not there")

// processorTimes is what the processes of each function's binary in the folder have
// computed, the dead ones not.
func processorTimes(binaries string) (map[string]time.Duration, error) {
	files, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil || len(files) == 0 {
		return nil, errNoProc
	}
	all := map[string]time.Duration{}
	for _, file := range files {
		program, err := os.Readlink(file)
		if err != nil || filepath.Base(program) != "bootstrap" || filepath.Dir(filepath.Dir(program)) != binaries {
			continue // another's, or gone
		}
		took, err := processorTime(filepath.Dir(file))
		if err != nil {
			return nil, err
		}
		all[filepath.Base(filepath.Dir(program))] += took
	}
	return all, nil
}

// processorTime is that of a process' threads, which Go does not end. /proc/PID/stat has
// only hundredths of a second.
func processorTime(process string) (total time.Duration, err error) {
	threads, err := filepath.Glob(filepath.Join(process, "task", "*", "schedstat"))
	if err != nil {
		return 0, err
	}
	for _, thread := range threads {
		content, err := os.ReadFile(thread) // #nosec G304 -- as globbed in /proc
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("read a thread's time: %w", err)
		}
		onProcessor, _, _ := strings.Cut(string(content), " ")
		ns, err := strconv.ParseInt(onProcessor, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read a thread's time: %w", err)
		}
		total += time.Duration(ns)
	}
	return total, nil
}
