package cpu

import "time"

// Speed returns the operations per second (a multiplication and an addition are two) of products of
// 1024 by 1024 matrices on the given number of threads. It measures for about d; the fastest round
// counts, as others were disturbed.
func Speed(d time.Duration, threads int) float64 {
	const n = 1024
	weights := make([]float32, n*n)
	for i := range weights {
		weights[i] = float32(i*7919%1009)/1009 - 0.5
	}
	l := linear{newMatrix(n, n), make([]float32, n)}
	l.set(0, weights)
	p := &pass{Trunk: &Trunk{threads: max(1, threads), kernels: kernels{fastTile(), fastVectors()}}}
	var x, y rows
	x.resize(n, n)
	y.resize(n, n)
	copy(x.values, weights)
	best := time.Duration(0)
	for start, round := time.Now(), 0; round < 2 || time.Since(start) < d; round++ {
		begun := time.Now()
		p.product(l, &x, &y, nil)
		if took := time.Since(begun); best == 0 || took < best {
			best = took
		}
	}
	return 2 * n * n * n / max(best, time.Nanosecond).Seconds()
}
