package cpu

// rows holds n rows of width values. The stride is larger than the width, for the last panel of a
// product and so that the values of a column do not all fall into one set of a cache.
type rows struct {
	n, width, stride int
	values           []float32
}

// resize makes r hold n rows of width arbitrary values. Memory is reused.
func (r *rows) resize(n, width int) {
	r.n, r.width, r.stride = n, width, padded(width)+lanes
	if size := n * r.stride; size <= cap(r.values) {
		r.values = r.values[:size]
	} else {
		r.values = make([]float32, size)
	}
}

// row returns row i.
func (r *rows) row(i int) []float32 { return r.values[i*r.stride:][:r.width:r.width] }

// columns returns the columns [from, to) of row i; to may be up to the width rounded up to full
// panels.
func (r *rows) columns(i, from, to int) []float32 {
	return r.values[i*r.stride+from : i*r.stride+to]
}
