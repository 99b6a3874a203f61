package heads

import (
	"fmt"
	"slices"
)

// Select returns a tagger of some of the types, in the given order.
func (t *Tagger) Select(types ...string) (*Tagger, error) {
	var columns []int
	var repeat []float32
	crf := &CRF{Types: len(types)}
	for _, typ := range types {
		k := slices.Index(t.Types, typ)
		if k < 0 {
			return nil, fmt.Errorf("the head does not find %s, only %v", typ, t.Types)
		}
		columns = append(columns, tags*k, tags*k+1, tags*k+2)
		crf.Transitions = append(crf.Transitions, t.CRF.Transitions[tags*tags*k:tags*tags*(k+1)]...)
		crf.Start = append(crf.Start, t.CRF.Start[tags*k:tags*(k+1)]...)
		if t.Repeat != nil {
			repeat = append(repeat, t.Repeat[k])
		}
	}
	out, err := NewTagger(slices.Clone(types), t.Linear.columns(columns), crf)
	if err != nil {
		return nil, err
	}
	out.Repeat = repeat
	return out, nil
}

// columns returns the head with some of its labels.
func (l *Linear) columns(columns []int) *Linear {
	out := &Linear{Labels: len(columns), Dim: l.Dim}
	for _, c := range columns {
		out.Bias = append(out.Bias, l.Bias[c])
		out.Dense = append(out.Dense, l.Dense[c*l.Dim:(c+1)*l.Dim]...)
	}
	if l.Table != nil {
		b := newBuilder(l.Table.bits, len(columns))
		for i, c := range columns {
			b.scale[i] = l.Table.scale[c]
		}
		for bucket := range uint32(1) << l.Table.bits {
			row := l.Table.bucket(bucket)
			for i, c := range columns {
				if row != nil {
					b.row[i] = row[c]
				}
			}
			b.keep(bucket, row != nil)
		}
		out.Table = b.table()
	}
	return out
}

// Join returns a tagger with the types of both, which must differ. Heads that read states must read
// states of the same width, and heads with features must have the same number of buckets.
func Join(a, b *Tagger) (*Tagger, error) {
	for _, typ := range b.Types {
		if slices.Contains(a.Types, typ) {
			return nil, fmt.Errorf("both heads find %s", typ)
		}
	}
	linear, err := concatenate(a.Linear, b.Linear)
	if err != nil {
		return nil, err
	}
	t, err := NewTagger(slices.Concat(a.Types, b.Types), linear, &CRF{
		Types: a.CRF.Types + b.CRF.Types,
		Transitions: slices.Concat(
			a.CRF.Transitions, b.CRF.Transitions,
		), Start: slices.Concat(a.CRF.Start, b.CRF.Start),
	})
	if err != nil {
		return nil, err
	}
	if a.Repeat != nil || b.Repeat != nil {
		t.Repeat = make([]float32, len(t.Types))
		copy(t.Repeat, a.Repeat)
		copy(t.Repeat[len(a.Types):], b.Repeat)
	}
	return t, nil
}

// concatenate returns a head with the labels of both.
func concatenate(a, b *Linear) (*Linear, error) {
	if a.Dim != 0 && b.Dim != 0 && a.Dim != b.Dim {
		return nil, fmt.Errorf("heads that read states of %d and of %d values", a.Dim, b.Dim)
	}
	out := &Linear{Labels: a.Labels + b.Labels, Dim: max(a.Dim, b.Dim), Bias: slices.Concat(a.Bias, b.Bias)}
	if out.Labels > MaxLabels {
		return nil, fmt.Errorf("%d types; a head has room for %d", out.Labels/tags, MaxLabels/tags)
	}
	for _, l := range []*Linear{a, b} {
		if l.Dim == 0 {
			out.Dense = append(out.Dense, make([]float32, l.Labels*out.Dim)...)
		}
		out.Dense = append(out.Dense, l.Dense...)
	}
	if a.Table == nil && b.Table == nil {
		return out, nil
	}
	both := []*Linear{a, b}
	size := -1
	for _, l := range both {
		if l.Table != nil && size >= 0 && l.Table.bits != size {
			return nil, fmt.Errorf("features in 2^%d and in 2^%d buckets", size, l.Table.bits)
		}
		if l.Table != nil {
			size = l.Table.bits
		}
	}
	build := newBuilder(size, out.Labels)
	at := []int{0, a.Labels}
	for i, l := range both {
		if l.Table != nil {
			copy(build.scale[at[i]:], l.Table.scale)
		}
	}
	for bucket := range uint32(1) << size {
		kept := false
		for i, l := range both {
			if l.Table != nil {
				row := l.Table.bucket(bucket)
				kept = kept || row != nil
				copy(build.row[at[i]:], row)
			}
		}
		build.keep(bucket, kept)
	}
	out.Table = build.table()
	return out, nil
}

// builder makes a Table bucket by bucket.
type builder struct {
	kept  []uint64
	rows  []int8
	scale []float32
	row   []int8 // of the current bucket
}

func newBuilder(bits, labels int) *builder {
	return &builder{kept: make([]uint64, 1<<(bits-6)), scale: make([]float32, labels), row: make([]int8, labels)}
}

// keep stores the row of a bucket, unless all its weights are zero, and clears it.
func (b *builder) keep(bucket uint32, kept bool) {
	if kept && slices.ContainsFunc(b.row, func(q int8) bool { return q != 0 }) {
		b.kept[bucket>>6] |= 1 << (bucket & 63)
		b.rows = append(b.rows, b.row...)
	}
	clear(b.row)
}

func (b *builder) table() *Table {
	t, err := newTable(b.kept, b.rows, b.scale)
	if err != nil {
		panic(err) // the parts are consistent by construction
	}
	return t
}
