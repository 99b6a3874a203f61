//go:build !(goexperiment.simd && amd64)

package device

// SIMD reports whether all of package cpu, not only its products, computes on vectors.
const SIMD = false
