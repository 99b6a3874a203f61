//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package jobs

import (
	"syscall"
	"time"
)

// processorTime returns the processor time that the program has used, 0 if it is not known.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
