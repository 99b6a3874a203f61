//go:build !amd64

package cpu

// fastTile returns the fastest tile function that this processor can run.
func fastTile() tile { return portableTile }
