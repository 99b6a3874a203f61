//go:build !amd64 || !goexperiment.simd

package native

// fastVectors returns the fastest functions that this processor can run.
func fastVectors() vectors { return portableVectors() }
