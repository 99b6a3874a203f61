package cpu

import (
	"context"
)

// chunksPerThread is the number of parts of a product for each thread. With several, other threads
// take over the work of a delayed one.
const chunksPerThread = 4

// A pass runs rows of tokens through a trunk. It keeps its memory from one use to the next and is
// used by one goroutine at a time.
type pass struct {
	*Trunk
	attention              attention
	x, normed, qkv, hidden rows
}

func newPass(t *Trunk) *pass {
	p := &pass{Trunk: t}
	p.attention = attention{
		heap:    &heap{heads: t.cfg.Heads, width: t.cfg.Hidden / t.cfg.Heads},
		kernels: t.kernels, causal: !t.cfg.Bidirectional, scratch: make([]scratch, t.threads),
	}
	return p
}

// run reads the tokens of runs, whose sequences have room for them, and leaves the rows of the last
// layer in p.x. It checks the context between layers.
func (p *pass) run(ctx context.Context, runs []run, ids []int32) error {
	hidden, ffn := p.cfg.Hidden, p.cfg.FFN
	p.embed(runs, ids)
	for i := range p.layers {
		if err := ctx.Err(); err != nil {
			return err
		}
		l := &p.layers[i]
		p.normalize(l.attentionNorm, &p.x)
		p.qkv.resize(len(ids), 3*hidden)
		p.product(l.qkv, &p.normed, &p.qkv, nil)
		parallel(p.threads, len(runs)*p.cfg.Heads, func(worker, task int) {
			p.attention.mix(worker, runs[task/p.cfg.Heads], i, task%p.cfg.Heads, &p.qkv, &p.normed)
		})
		p.addProduct(l.out, &p.normed, &p.x)
		p.normalize(l.ffnNorm, &p.x)
		p.hidden.resize(len(ids), ffn)
		p.product(l.fc1, &p.normed, &p.hidden, p.kernels.gelu)
		p.addProduct(l.fc2, &p.hidden, &p.x)
	}
	return nil
}

// embed fills p.x with tokens and positions.
func (p *pass) embed(runs []run, ids []int32) {
	p.x.resize(len(ids), p.cfg.Hidden)
	scale := p.cfg.embedScale()
	parallel(p.threads, len(runs), func(_, task int) {
		r := runs[task]
		for i := range r.n {
			row := p.x.row(r.first + i)
			copy(row, p.positions[(r.start+i+positionOffset)*p.cfg.Hidden:])
			p.tokens.addRow(row, int(ids[r.first+i]), scale)
		}
	})
}

// normalize fills p.normed from x.
func (p *pass) normalize(n norm, x *rows) {
	p.normed.resize(x.n, p.cfg.Hidden)
	parallel(p.threads, (x.n+lanes-1)/lanes, func(_, task int) {
		for i := task * lanes; i < min((task+1)*lanes, x.n); i++ {
			p.kernels.norm(p.normed.row(i), x.row(i), n.weight, n.bias)
		}
	})
}

// product fills y with x times l, changed by activate where it is not nil.
func (p *pass) product(l linear, x, y *rows, activate func(x []float32)) {
	p.panels(l, func(from, to int) {
		for i := range y.n {
			copy(y.columns(i, from*lanes, to*lanes), l.bias[from*lanes:to*lanes])
		}
		l.multiply(p.kernels.tile, x, y, from, to)
		if activate != nil {
			for i := range y.n {
				activate(y.columns(i, from*lanes, to*lanes))
			}
		}
	})
}

// addProduct adds x times l to y.
func (p *pass) addProduct(l linear, x, y *rows) {
	p.panels(l, func(from, to int) {
		bias := l.bias[from*lanes : to*lanes]
		for i := range y.n {
			for j, out := 0, y.columns(i, from*lanes, to*lanes); j < len(out); j++ {
				out[j] += bias[j]
			}
		}
		l.multiply(p.kernels.tile, x, y, from, to)
	})
}

// panels calls f for ranges of the panels of a product, in parallel.
func (p *pass) panels(l linear, f func(from, to int)) {
	n := l.matrix.panels()
	chunks := min(n, p.threads*chunksPerThread)
	parallel(p.threads, chunks, func(_, task int) { f(n*task/chunks, n*(task+1)/chunks) })
}

// logits fills out with the logits after rows of the last layer.
func (p *pass) logits(x, out *rows) {
	p.normalize(p.norm, x)
	out.resize(x.n, p.cfg.Vocab)
	p.product(p.tokens, &p.normed, out, nil)
}
