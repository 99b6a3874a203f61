package cpu

import "golang.org/x/sys/cpu"

// fastTile returns the fastest tile function that this processor can run.
func fastTile() tile {
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		return avx2Tile
	}
	return portableTile
}

// avx2Tile is a tile function for processors with AVX2 and FMA. It rounds once for each product,
// not twice.
func avx2Tile(rows, k int, x []float32, xr int, w, y []float32, yr int, ahead []float32) {
	// The assembly has no bounds checks.
	_, _, _ = x[(rows-1)*xr+k-1], w[k*lanes-1], y[(rows-1)*yr+lanes-1]
	if len(ahead) == 0 {
		ahead = w[:1]
	}
	step := len(ahead) * 4 / k
	switch rows {
	case 1:
		tile1(k, &x[0], xr, &w[0], &y[0], yr, &ahead[0], step)
	case 2:
		tile2(k, &x[0], xr, &w[0], &y[0], yr, &ahead[0], step)
	case 3:
		tile3(k, &x[0], xr, &w[0], &y[0], yr, &ahead[0], step)
	case 4:
		tile4(k, &x[0], xr, &w[0], &y[0], yr, &ahead[0], step)
	case 5:
		tile5(k, &x[0], xr, &w[0], &y[0], yr, &ahead[0], step)
	case tileRows:
		tile6(k, &x[0], xr, &w[0], &y[0], yr, &ahead[0], step)
	default:
		panic("cpu: a tile has 1 to 6 rows")
	}
}

//go:noescape
func tile1(k int, x *float32, xr int, w, y *float32, yr int, ahead *float32, step int)

//go:noescape
func tile2(k int, x *float32, xr int, w, y *float32, yr int, ahead *float32, step int)

//go:noescape
func tile3(k int, x *float32, xr int, w, y *float32, yr int, ahead *float32, step int)

//go:noescape
func tile4(k int, x *float32, xr int, w, y *float32, yr int, ahead *float32, step int)

//go:noescape
func tile5(k int, x *float32, xr int, w, y *float32, yr int, ahead *float32, step int)

//go:noescape
func tile6(k int, x *float32, xr int, w, y *float32, yr int, ahead *float32, step int)
