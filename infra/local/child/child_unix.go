//go:build unix && !linux

package child

import "syscall"

// Without Linux's death signal, a child of a killed parent ends when it next
// finds its parent's port closed.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
