//go:build !amd64

package native

// fastTile returns the fastest tile function that this processor can run.
func fastTile() tile { return portableTile }
