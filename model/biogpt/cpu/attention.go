package cpu

import "math"

// A run is a part of a sequence that is read at once: n tokens, in the rows of a pass from first on
// and at the positions of the sequence from start on.
type run struct {
	seq             *sequence
	first, start, n int
}

// An attention mixes the rows of runs. Each row it reads has the queries of all heads, then the
// keys, then the values.
type attention struct {
	heap    *heap
	kernels kernels
	causal  bool
	scratch []scratch // of each worker
}

// scratch holds the scores of a tile's rows and the mixed values.
type scratch struct{ scores, mixed rows }

// mix writes keys and values of a run and a head to the pages of a layer, and the mixed values of
// the head to out.
func (a *attention) mix(worker int, r run, layer, head int, qkv, out *rows) {
	pages := r.seq.layers[layer]
	a.store(r, pages, head, qkv)
	width := a.heap.width
	scale := float32(1 / math.Sqrt(float64(width)))
	s := &a.scratch[worker]
	for i := 0; i < r.n; i += tileRows {
		n := min(tileRows, r.n-i)
		first, limit := r.first+i, r.start+r.n
		if a.causal {
			limit = r.start + i + n
		}
		s.scores.resize(n, padded(limit))
		clear(s.scores.values)
		query := qkv.values[first*qkv.stride+head*width:]
		for at := 0; at < limit; at += lanes {
			keys := pages[at/pagePositions].keys[head*a.heap.keySize()+at%pagePositions*width:][:lanes*width]
			a.kernels.tile(n, width, query, qkv.stride, keys, s.scores.values[at:], s.scores.stride, nil)
		}
		for j := range n {
			seen := limit
			if a.causal {
				seen = r.start + i + j + 1
			}
			a.kernels.softmax(s.scores.row(j), seen, scale)
		}
		a.average(s, pages, head, limit)
		for j := range n {
			copy(out.row(first + j)[head*width:], s.mixed.row(j))
		}
	}
}

// average writes the values of the first limit positions, weighted by the scores, to s.mixed.
func (a *attention) average(s *scratch, pages []*page, head, limit int) {
	s.mixed.resize(s.scores.n, a.heap.width)
	clear(s.mixed.values)
	for at := 0; at < limit; at += pagePositions {
		n := min(pagePositions, limit-at)
		values := pages[at/pagePositions].values[head*a.heap.valueSize():]
		for column := 0; column < a.heap.width; column += lanes {
			panel := values[column*pagePositions:][:n*lanes]
			a.kernels.tile(
				s.scores.n, n, s.scores.values[at:], s.scores.stride, panel, s.mixed.values[column:],
				s.mixed.stride, nil,
			)
		}
	}
}

// store writes the keys and values of a run and a head to the pages of a layer.
func (a *attention) store(r run, pages []*page, head int, qkv *rows) {
	width, hidden := a.heap.width, a.heap.width*a.heap.heads
	for i := range r.n {
		row, at := qkv.row(r.first+i), r.start+i
		p, at := pages[at/pagePositions], at%pagePositions
		keys := p.keys[head*a.heap.keySize()+at/lanes*lanes*width+at%lanes:]
		for j, k := range row[hidden+head*width:][:width] {
			keys[j*lanes] = k
		}
		values := p.values[head*a.heap.valueSize()+at*lanes:]
		for column := 0; column < width; column += lanes {
			from := 2*hidden + head*width
			copy(values[column*pagePositions:][:lanes], row[from+column:from+min(column+lanes, width)])
		}
	}
}
