package decoding

import (
	"cmp"
	"math"
	"slices"
)

// excluded is added to a score that must not be chosen. As in the reference it is finite, which
// keeps the order among such scores.
const excluded = -1e9

// beam is a beam search. Its names follow transformers' _beam_search, and so does every comparison.
type beam struct {
	request  Request
	limit    int
	new      int // tokens beyond the prompt that the open beams have
	open     []hypothesis
	finished []hypothesis // the best, by score, at most Beams of them
}

// hypothesis is a sequence with its score: the sum of its log-probabilities, which is divided by
// the penalty when the sequence is finished.
type hypothesis struct {
	last   *link // nil for the prompt alone
	score  float64
	finish Finish
}

// link is the last token of a sequence and the link before it. Sequences share their beginnings.
type link struct {
	before *link
	length int
	Choice
}

// choices returns the tokens of the sequence that ends with l.
func (l *link) choices() []Choice {
	list := make([]Choice, l.length)
	for ; l != nil; l = l.before {
		list[l.length-1] = l.Choice
	}
	return list
}

func newBeam(r Request, limit int) *beam {
	return &beam{request: r, limit: limit, open: []hypothesis{{}}}
}

// extension is an open beam, by index, with one more token.
type extension struct {
	from int
	hypothesis
}

func (b *beam) advance(logits [][]float32) []move {
	top := b.extend(logits)
	b.new++
	all := true
	for i := range top {
		ids := func() []int32 { return Sequence{Tokens: top[i].last.choices()}.IDs() }
		top[i].finish = b.request.finish(b.limit, b.new, top[i].last.ID, ids)
		all = all && top[i].finish != ""
	}
	running := slices.Clone(top)
	for i := range running {
		if running[i].finish != "" {
			running[i].score += excluded
		}
	}
	slices.SortStableFunc(running, func(x, y extension) int { return cmp.Compare(y.score, x.score) })
	running = running[:b.request.Beams]
	b.finalize(top[:b.request.Beams])
	full := len(b.finished) == b.request.Beams
	if all || full && (b.request.EarlyStopping == StopFull || !b.canImprove(running[0].score)) {
		b.emit()
		return nil
	}
	moves := make([]move, len(running))
	b.open = b.open[:0]
	for i, x := range running {
		x.finish = ""
		moves[i] = move{x.from, x.last.ID}
		b.open = append(b.open, x.hypothesis)
	}
	return moves
}

// extend returns the best extensions, twice as many as there are beams, the best first.
func (b *beam) extend(logits [][]float32) []extension {
	most := 2 * b.request.Beams
	best := make([]entry, 0, most+1)
	floor := math.Inf(-1)
	for i, row := range logits {
		norm := logSumExp(row)
		if !b.request.mayEnd(b.new) {
			row[End] = float32(math.Inf(-1))
		}
		for id, v := range row {
			c := Choice{int32(id), float64(v) - norm}
			if score := b.open[i].score + c.LogProb; score > floor {
				best = insert(best, entry{score, i, c}, most)
				if len(best) == most {
					floor = best[most-1].score
				}
			}
		}
	}
	list := make([]extension, len(best))
	for i, e := range best {
		last := &link{b.open[e.from].last, b.new + 1, e.choice}
		list[i] = extension{e.from, hypothesis{last: last, score: e.score}}
	}
	return list
}

// entry is an extension that is not built yet.
type entry struct {
	score  float64
	from   int
	choice Choice
}

// insert adds an entry in order of score, after those of equal scores, and keeps the best.
func insert(best []entry, e entry, most int) []entry {
	at, _ := slices.BinarySearchFunc(best, e.score, func(e entry, score float64) int {
		if e.score >= score {
			return -1
		}
		return 1
	})
	best = slices.Insert(best, at, e)
	return best[:min(len(best), most)]
}

// finalize adds the finished ones among the best extensions to the finished sequences, and keeps
// the best of these.
func (b *beam) finalize(top []extension) {
	for _, x := range top {
		if x.finish != "" {
			x.score /= math.Pow(float64(b.new), b.request.LengthPenalty)
			b.finished = append(b.finished, x.hypothesis)
		}
	}
	slices.SortStableFunc(b.finished, func(x, y hypothesis) int { return cmp.Compare(y.score, x.score) })
	b.finished = b.finished[:min(len(b.finished), b.request.Beams)]
}

// canImprove reports whether an open beam with the score can still become better than the worst
// finished sequence.
func (b *beam) canImprove(score float64) bool {
	length := b.new
	if b.request.EarlyStopping == StopNever && b.request.LengthPenalty > 0 {
		length = b.limit - len(b.request.Prompt)
	}
	return score/math.Pow(float64(length), b.request.LengthPenalty) > b.finished[len(b.finished)-1].score
}

// emit passes the tokens of the sequences to Request.Emit; they are known only at the end.
func (b *beam) emit() {
	if b.request.Emit == nil {
		return
	}
	for i, s := range b.sequences() {
		for _, c := range s.Tokens {
			b.request.Emit(i, c)
		}
	}
}

func (b *beam) sequences() []Sequence {
	var list []Sequence
	for _, h := range b.finished[:min(len(b.finished), max(1, b.request.Return))] {
		list = append(list, Sequence{Tokens: h.last.choices(), Score: h.score, Finish: h.finish})
	}
	return list
}
