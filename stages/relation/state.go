package relation

import (
	"sort"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
)

// States is how many states of the trunk's width a head reads of a pair: the mean over the words of
// the subject's mentions, the mean over the object's, and their product, value by value.
const States = 3

// State returns what a head reads of the trunk for a pair of names, in dst where it is long enough.
func State(dst []float32, t *model.Text, s model.States, subject, object features.Entity) []float32 {
	if cap(dst) < States*s.Dim {
		dst = make([]float32, States*s.Dim)
	}
	dst = dst[:States*s.Dim]
	a, b, product := dst[:s.Dim], dst[s.Dim:2*s.Dim], dst[2*s.Dim:]
	mean(a, t, s, subject)
	mean(b, t, s, object)
	for i := range product {
		product[i] = a[i] * b[i]
	}
	return dst
}

// mean averages the states of the words of a name's mentions.
func mean(dst []float32, t *model.Text, s model.States, n features.Entity) {
	clear(dst)
	count := 0
	for _, m := range n.Mentions {
		for k := sort.Search(len(t.Words), func(i int) bool { return t.Words[i].End > m.Start }); k < len(t.Words) && t.Words[k].Start < m.End; k++ {
			for i, x := range s.Row(t.Words[k].Token) {
				dst[i] += x
			}
			count++
		}
	}
	for i := range dst {
		dst[i] /= float32(max(count, 1))
	}
}
