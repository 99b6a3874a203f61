package cpu

// Rows are n rows of width values. They are further apart than they are wide, so that a product
// finds room for its last panel, and so that the values of a column do not all fall into one set of
// a cache.
type rows struct {
	n, width, stride int
	values           []float32
}

// resize makes r hold n rows of width values, which are arbitrary. Memory is kept for later.
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
