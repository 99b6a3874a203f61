package heads

import (
	"sort"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/names"
)

// PairStates is the number of states of the trunk's width that a relation head reads of a pair: the
// mean over the words of the subject's mentions, the mean over the object's, and their product,
// value by value.
const PairStates = 3

// PairState returns the states that a relation head reads of a pair of entities, in dst where it is
// long enough.
func PairState(dst []float32, t *model.Text, s model.States, subject, object names.Entity) []float32 {
	dst = resize(dst, PairStates*s.Dim)
	a, b, product := dst[:s.Dim], dst[s.Dim:2*s.Dim], dst[2*s.Dim:]
	mentionMean(a, t, s, subject)
	mentionMean(b, t, s, object)
	for i := range product {
		product[i] = a[i] * b[i]
	}
	return dst
}

// mentionMean sets dst to the mean of the states of the words of an entity's mentions.
func mentionMean(dst []float32, t *model.Text, s model.States, e names.Entity) {
	clear(dst)
	count := 0
	for _, m := range e.Mentions {
		first := sort.Search(len(t.Words), func(i int) bool { return t.Words[i].End > m.Start })
		for _, w := range t.Words[first:] {
			if w.Start >= m.End {
				break
			}
			add(dst, s.Row(w.Token))
			count++
		}
	}
	divide(dst, count)
}

// SentenceState returns the mean of the states of the words of a sentence, in dst where it is long
// enough.
func SentenceState(dst []float32, t *model.Text, s model.States, sentence int) []float32 {
	dst = resize(dst, s.Dim)
	clear(dst)
	count := 0
	for _, w := range t.Words {
		if w.Sentence == sentence {
			add(dst, s.Row(w.Token))
			count++
		}
	}
	divide(dst, count)
	return dst
}

func resize(x []float32, n int) []float32 {
	if cap(x) < n {
		return make([]float32, n)
	}
	return x[:n]
}

func add(dst, x []float32) {
	for i, v := range x {
		dst[i] += v
	}
}

func divide(dst []float32, n int) {
	for i := range dst {
		dst[i] /= float32(max(n, 1))
	}
}
