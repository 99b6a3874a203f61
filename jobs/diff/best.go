package diff

import (
	"cmp"
	"slices"
	"strings"
)

// best holds the first n of the values that are added, in an order.
type best[T any] struct{ list []T }

// add adds a value. Of those that are alike it keeps the first in the order.
func (b *best[T]) add(x T, n int, order func(x, y T) int, alike func(x, y T) bool) {
	if len(b.list) == n && (n == 0 || order(b.list[n-1], x) <= 0) {
		return
	}
	if i := slices.IndexFunc(b.list, func(y T) bool { return alike(x, y) }); i >= 0 {
		if order(b.list[i], x) <= 0 {
			return
		}
		b.list = slices.Delete(b.list, i, i+1)
	}
	i, _ := slices.BinarySearchFunc(b.list, x, order)
	b.list = slices.Insert(b.list, i, x)
	b.list = b.list[:min(n, len(b.list))]
}

// example keeps a change if it is one of the best examples. Examples differ in their texts.
func (t *tally) example(b *best[found], f found) {
	b.add(f, t.options.Examples, compareExamples, func(x, y found) bool {
		return f.Table != answers && texts(x) == texts(y) // answers are yes and no
	})
}

// texts are what examples of a change should differ in.
func texts(f found) string {
	all := []string{value(f.TextBefore), value(f.ObjectBefore), value(f.TextAfter), value(f.ObjectAfter)}
	return strings.ToLower(strings.Join(all, "\x00"))
}

func value[T any](p *T) (x T) {
	if p != nil {
		x = *p
	}
	return x
}

// compareExamples sorts by descending score, then by document and position.
func compareExamples(x, y found) int {
	score := func(f found) float32 { return max(value(f.ScoreBefore), value(f.ScoreAfter)) }
	start := func(f found) int32 { return min(spanStart(f.StartBefore), spanStart(f.StartAfter)) }
	return cmp.Or(
		cmp.Compare(score(y), score(x)), cmp.Compare(x.PMID, y.PMID), cmp.Compare(x.Version, y.Version),
		cmp.Compare(x.Unit, y.Unit), cmp.Compare(start(x), start(y)), cmp.Compare(texts(x), texts(y)),
	)
}

func spanStart(p *int32) int32 {
	if p == nil {
		return 1<<31 - 1
	}
	return *p
}

// document keeps a document if it is one of those that changed most.
func (t *tally) document(d Document) {
	t.most.add(d, t.options.Documents, func(x, y Document) int {
		return cmp.Or(
			cmp.Compare(y.changes(), x.changes()), cmp.Compare(x.PMID, y.PMID), cmp.Compare(x.Version, y.Version),
			cmp.Compare(x.Unit, y.Unit),
		)
	}, func(x, y Document) bool { return false })
}
