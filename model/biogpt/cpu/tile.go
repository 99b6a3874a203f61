package cpu

const (
	lanes    = 16 // columns of a tile and of a panel of a packed matrix
	tileRows = 6  // rows of the largest tile
)

// A tile function adds a small product to rows (1 to tileRows) rows of y, lanes values each and yr
// apart:
//
//	y[r*yr+c] += sum over i < k of x[r*xr+i] * w[i*lanes+c]
//
// It sums the products of an element in the order of i, starting from zero, and adds the sum to y
// last. It may prefetch ahead into the cache.
type tile func(rows, k int, x []float32, xr int, w, y []float32, yr int, ahead []float32)

// portableTile is a tile function in plain Go.
func portableTile(rows, k int, x []float32, xr int, w, y []float32, yr int, _ []float32) {
	w = w[:k*lanes]
	for r := range rows {
		var sums [lanes]float32
		row := x[r*xr : r*xr+k]
		for i, v := range row {
			line := (*[lanes]float32)(w[i*lanes:])
			for c := range sums {
				sums[c] += v * line[c]
			}
		}
		out := y[r*yr : r*yr+lanes]
		for c := range sums {
			out[c] += sums[c]
		}
	}
}
