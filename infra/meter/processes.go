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

// processes are those that were seen of the functions, by their folders in /proc. A
// process that has had no work for a while is ended: what it did still counts.
type processes map[string]seen

// seen is what a process had done when it was last looked at.
type seen struct {
	function string
	computed time.Duration
	peak     float64 // megabytes of memory that it has held at most
}

// look sees the processes of functions' binaries in the folder as they are now.
func (p processes) look(binaries string) error {
	files, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil || len(files) == 0 {
		return errNoProc
	}
	for _, file := range files {
		program, err := os.Readlink(file)
		if err != nil || filepath.Base(program) != "bootstrap" || filepath.Dir(filepath.Dir(program)) != binaries {
			continue // another's, or gone
		}
		folder := filepath.Dir(file)
		computed, err := processorTime(folder)
		if err != nil {
			return err
		}
		peak, err := peak(folder)
		if err != nil {
			return err
		}
		was := p[folder]
		p[folder] = seen{filepath.Base(filepath.Dir(program)), max(was.computed, computed), max(was.peak, peak)}
	}
	return nil
}

// computed is what all processes of each function have computed.
func (p processes) computed() map[string]time.Duration {
	all := map[string]time.Duration{}
	for _, one := range p {
		all[one.function] += one.computed
	}
	return all
}

// peaks are the megabytes of memory that a process of each function has held at most.
func (p processes) peaks() map[string]float64 {
	all := map[string]float64{}
	for _, one := range p {
		all[one.function] = max(all[one.function], one.peak)
	}
	return all
}

// peak is how much memory a process has held (proc_pid_status(5), "VmHWM").
func peak(process string) (megabytes float64, err error) {
	content, err := os.ReadFile(filepath.Join(process, "status")) // #nosec G304 -- as globbed in /proc
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read a process' memory: %w", err)
	}
	_, rest, _ := strings.Cut(string(content), "VmHWM:")
	var kb float64
	if _, err := fmt.Sscanf(rest, "%g kB", &kb); err != nil {
		return 0, fmt.Errorf("read a process' memory: %w", err)
	}
	return kb / 1024, nil
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
