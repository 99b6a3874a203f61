package diff

import (
	"cmp"
	"slices"
)

// item is a row of a table in a form that is the same for all tables.
type item struct {
	start, end int32  // span of a mention; 0 for others
	key        string // which items may be paired, beside the span
	typ        string
	label      string // what else must be equal for items to be the same

	text, object, concept string
	score                 float32
	sentence              int32 // sentences.sentence, or -1
	conceptScore          float32
}

// pair are items that are the same, or take each other's place. A nil one is missing.
type pair struct{ before, after *item }

// kind returns the kind of change, or "" if the items are the same.
func (p pair) kind() string {
	switch a, b := p.before, p.after; {
	case b == nil:
		return Lost
	case a == nil:
		return Gained
	case a.typ != b.typ:
		return Retyped
	case a.label != b.label || a.start != b.start || a.end != b.end:
		return Changed
	}
	return ""
}

// bySpan, byType and byLabel are orders, each a refinement of the one before.
func bySpan(x, y *item) int {
	return cmp.Or(cmp.Compare(x.start, y.start), cmp.Compare(x.end, y.end), cmp.Compare(x.key, y.key))
}

func byType(x, y *item) int { return cmp.Or(bySpan(x, y), cmp.Compare(x.typ, y.typ)) }

func byLabel(x, y *item) int { return cmp.Or(byType(x, y), cmp.Compare(x.label, y.label)) }

// match pairs the items of a table in a document: see the package doc.
func match(before, after []item) []pair {
	m := matcher{a: sorted(before), b: sorted(after)}
	m.join(byLabel)
	m.join(byType)
	m.join(bySpan)
	m.joinOverlapping()
	for _, x := range m.a {
		m.pairs = append(m.pairs, pair{before: x})
	}
	for _, x := range m.b {
		m.pairs = append(m.pairs, pair{after: x})
	}
	return m.pairs
}

func sorted(items []item) []*item {
	list := make([]*item, len(items))
	for i := range items {
		list[i] = &items[i]
	}
	slices.SortStableFunc(list, func(x, y *item) int { return cmp.Or(byLabel(x, y), cmp.Compare(y.score, x.score)) })
	return list
}

// matcher has the items that are not paired yet, sorted.
type matcher struct {
	a, b  []*item
	pairs []pair
}

// join pairs items that are equal in an order in which both lists are sorted.
func (m *matcher) join(order func(x, y *item) int) {
	a, b := m.a, m.b
	m.a, m.b = a[:0], b[:0]
	for len(a) > 0 && len(b) > 0 {
		switch c := order(a[0], b[0]); {
		case c < 0:
			m.a, a = append(m.a, a[0]), a[1:]
		case c > 0:
			m.b, b = append(m.b, b[0]), b[1:]
		default:
			m.pairs = append(m.pairs, pair{a[0], b[0]})
			a, b = a[1:], b[1:]
		}
	}
	m.a, m.b = append(m.a, a...), append(m.b, b...)
}

// joinOverlapping pairs mentions of the same type with overlapping spans. It treats both lists
// alike, and as mentions of a type hardly overlap in an edition, few pairs could be others.
func (m *matcher) joinOverlapping() {
	first := func(x, y *item) int {
		return cmp.Or(cmp.Compare(x.typ, y.typ), cmp.Compare(x.end, y.end), cmp.Compare(x.start, y.start))
	}
	slices.SortStableFunc(m.a, first)
	slices.SortStableFunc(m.b, first)
	overlap := func(x, y *item) bool { return x.typ == y.typ && x.start < y.end && y.start < x.end }
	a, b := m.a, m.b
	m.a, m.b = a[:0], b[:0]
	for len(a) > 0 && len(b) > 0 {
		switch {
		case overlap(a[0], b[0]):
			m.pairs = append(m.pairs, pair{a[0], b[0]})
			a, b = a[1:], b[1:]
		case first(a[0], b[0]) < 0:
			m.a, a = append(m.a, a[0]), a[1:]
		default:
			m.b, b = append(m.b, b[0]), b[1:]
		}
	}
	m.a, m.b = append(m.a, a...), append(m.b, b...)
}
