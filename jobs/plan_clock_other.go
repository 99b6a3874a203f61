//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package jobs

import "time"

// processorTime returns 0: this system does not tell.
func processorTime() time.Duration { return 0 }
