package cpu

// The block sizes of a product, chosen so that reused values stay in a cache: a panel of kBlock
// lines (16 KiB) in the first level, mBlock rows of kBlock values (144 KiB) in the second.
const (
	kBlock = 256
	mBlock = 24 * tileRows
)

// A matrix holds the weights of a product, [n, k] as in Hugging Face, in the order in which tiles
// read them: blocks of kBlock columns, in each the panels of lanes rows, in each a line of lanes
// values for every column. The last panel is filled up with zeros.
type matrix struct {
	n, k   int
	values []float32
}

// padded rounds n up to a multiple of lanes.
func padded(n int) int { return (n + lanes - 1) / lanes * lanes }

func newMatrix(n, k int) *matrix { return &matrix{n, k, make([]float32, padded(n)*k)} }

// panels returns the number of panels.
func (m *matrix) panels() int { return padded(m.n) / lanes }

// panel returns the lines of a panel for the columns of the block that begins at k0.
func (m *matrix) panel(p, k0 int) []float32 {
	lines := min(kBlock, m.k-k0)
	return m.values[k0*padded(m.n)+p*lines*lanes:][:lines*lanes]
}

// set copies weights, [any, k], to the rows of the matrix from first on.
func (m *matrix) set(first int, weights []float32) {
	for r := range len(weights) / m.k {
		row, lane := weights[r*m.k:][:m.k], (first+r)%lanes
		for k0 := 0; k0 < m.k; k0 += kBlock {
			block := m.panel((first+r)/lanes, k0)
			for i := range len(block) / lanes {
				block[i*lanes+lane] = row[k0+i]
			}
		}
	}
}

// addRow adds row r times scale to out.
func (m *matrix) addRow(out []float32, r int, scale float32) {
	for k0 := 0; k0 < m.k; k0 += kBlock {
		block := m.panel(r/lanes, k0)
		for i := range len(block) / lanes {
			out[k0+i] += scale * block[i*lanes+r%lanes]
		}
	}
}

// multiply adds x times the transpose of rows [from, to) * lanes of m to y. The order in which an
// element is summed depends only on m.k.
func (m *matrix) multiply(t tile, x, y *rows, from, to int) {
	for m0 := 0; m0 < x.n; m0 += mBlock {
		height := min(mBlock, x.n-m0)
		tiles := (height + tileRows - 1) / tileRows
		for k0 := 0; k0 < m.k; k0 += kBlock {
			for p := from; p < to; p++ {
				w := m.panel(p, k0)
				next := w
				if p+1 < to {
					next = m.panel(p+1, k0)
				} else if k0+kBlock < m.k {
					next = m.panel(from, k0+kBlock)
				}
				for i := range tiles { // of about equal height, because a low tile is slow
					r, end := m0+height*i/tiles, m0+height*(i+1)/tiles
					t(
						end-r, len(w)/lanes, x.values[r*x.stride+k0:], x.stride, w, y.values[r*y.stride+p*lanes:],
						y.stride, next[i*len(next)/tiles:(i+1)*len(next)/tiles],
					)
				}
			}
		}
	}
}
