// Package printed is what the pages that commands write have in common: PROOF.md,
// COST.md and BENCH.md.
package printed

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
)

// Commit names what the figures are of, and says if it has been changed since.
func Commit(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "", fmt.Errorf("name the commit: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// Machine says what figures were taken on.
func Machine() string {
	return fmt.Sprintf("%s, %d cores, %s/%s", strings.Replace(runtime.Version(), "go", "Go ", 1), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
}

// Whole is a number without its fraction, as people read it: 12,345.
func Whole(v float64) string {
	digits := strconv.FormatFloat(v, 'f', 0, 64)
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}
