package stack

import (
	"os"
	"syscall"
)

// lockFile claims the file for this process until it closes it or dies.
func lockFile(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
