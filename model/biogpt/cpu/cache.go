package cpu

// pagePositions is the number of positions of a page, a multiple of lanes.
const pagePositions = 2 * lanes

// A page holds the keys and values of pagePositions positions in one layer, in the order in which
// tiles read them: of every head the keys as panels of lanes positions, the values as panels of
// lanes of their columns. Sequences that have read the same tokens share pages; a shared page is
// never written to.
type page struct {
	refs         int
	keys, values []float32
}

// A heap allocates pages and reuses free ones.
type heap struct {
	heads, width int
	free         []*page
}

// keySize and valueSize are the numbers of values of a head in a page.
func (h *heap) keySize() int   { return pagePositions * h.width }
func (h *heap) valueSize() int { return pagePositions * padded(h.width) }

func (h *heap) get() *page {
	if last := len(h.free) - 1; last >= 0 {
		p := h.free[last]
		h.free = h.free[:last]
		p.refs = 1
		return p
	}
	return &page{1, make([]float32, h.heads*h.keySize()), make([]float32, h.heads*h.valueSize())}
}

func (h *heap) put(p *page) {
	if p.refs--; p.refs == 0 {
		h.free = append(h.free, p)
	}
}

// A sequence holds the keys and values of tokens in each layer.
type sequence struct {
	length int
	layers [][]*page
}

// grow adds room for n more tokens to a sequence and counts them as read. The pages that they are
// written to are not shared.
func (h *heap) grow(s *sequence, n int) {
	for i, pages := range s.layers {
		if last := len(pages) - 1; s.length%pagePositions != 0 && pages[last].refs > 1 {
			own := h.get()
			copy(own.keys, pages[last].keys)
			copy(own.values, pages[last].values)
			h.put(pages[last])
			pages[last] = own
		}
		for len(pages)*pagePositions < s.length+n {
			pages = append(pages, h.get())
		}
		s.layers[i] = pages
	}
	s.length += n
}

// drop empties a sequence.
func (h *heap) drop(s *sequence) {
	for i, pages := range s.layers {
		for _, p := range pages {
			h.put(p)
		}
		s.layers[i] = pages[:0]
	}
	s.length = 0
}

// share returns a sequence that has read the same as s.
func (h *heap) share(s sequence) sequence {
	c := sequence{s.length, make([][]*page, len(s.layers))}
	for i, pages := range s.layers {
		for _, p := range pages {
			p.refs++
		}
		c.layers[i] = append([]*page(nil), pages...)
	}
	return c
}
