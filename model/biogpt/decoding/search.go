package decoding

import (
	"math"
	"math/rand/v2"
)

// A search chooses the tokens of one request. It has rows, the sequences that are being continued:
// at first one, the prompt.
type search interface {
	// advance reads the logits of its rows and returns the rows that replace them: their
	// continuations. If there are none, the search is over. After the first call the number of rows
	// never grows.
	advance(logits [][]float32) []move
	// sequences returns the result, once the search is over.
	sequences() []Sequence
}

// move is a row: an earlier row, by index, and the token that it reads next.
type move struct {
	from int
	id   int32
}

func newSearch(r Request, l Limits) search {
	if r.Beams > 1 {
		return newBeam(r, r.limit(l))
	}
	d := &draws{request: r, limit: r.limit(l)}
	for i := range max(1, r.Return) {
		d.rows = append(d.rows, &drawn{rng: rand.New(rand.NewPCG(r.Seed, uint64(i)))})
		d.live = append(d.live, i)
	}
	return d
}

// draws is a greedy search, or sequences that are sampled independently of each other.
type draws struct {
	request Request
	limit   int
	rows    []*drawn
	live    []int // of rows; the i-th has the i-th logits, after the first call
	begun   bool
}

type drawn struct {
	ids    []int32
	tokens []Choice
	sum    float64
	finish Finish
	rng    *rand.Rand
}

func (d *draws) advance(logits [][]float32) []move {
	var moves []move
	var live []int
	for i, at := range d.live {
		row := d.rows[at]
		from := i
		if !d.begun {
			from = 0
		}
		id := d.choose(row, at, logits[from])
		row.finish = d.request.finish(d.limit, len(row.ids), id, func() []int32 { return row.ids })
		if row.finish == "" {
			moves, live = append(moves, move{from, id}), append(live, at)
		}
	}
	d.begun, d.live = true, live
	return moves
}

// choose adds the next token to a row.
func (d *draws) choose(row *drawn, at int, logits []float32) int32 {
	norm := logSumExp(logits)
	end := logits[End]
	if !d.request.mayEnd(len(row.ids)) {
		logits[End] = float32(math.Inf(-1))
	}
	id := d.request.sample(logits, row.rng)
	logits[End] = end // other rows may start from the same logits
	c := Choice{ID: id, LogProb: float64(logits[id]) - norm}
	row.ids, row.tokens, row.sum = append(row.ids, id), append(row.tokens, c), row.sum+c.LogProb
	if d.request.Emit != nil {
		d.request.Emit(at, c)
	}
	return id
}

func (d *draws) sequences() []Sequence {
	var list []Sequence
	for _, row := range d.rows {
		list = append(list, Sequence{Tokens: row.tokens, Score: row.sum, Finish: row.finish})
	}
	return list
}
