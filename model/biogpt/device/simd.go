//go:build goexperiment.simd && amd64

package device

// SIMD says whether the Go backend computes on vectors.
const SIMD = true
