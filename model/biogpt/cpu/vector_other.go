//go:build !amd64 || !goexperiment.simd

package cpu

// fastVectors returns the fastest functions that this processor can run.
func fastVectors() vectors { return portableVectors() }
