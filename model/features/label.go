package features

import (
	"slices"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// Templates of the features of documents for their labels. Their order is part of the format: new
// ones are added at the end.
const (
	labelWord uint32 = 0x500 + iota
	labelBigram
	labelPlace
)

// places is the number of parts of an abstract that labels tell apart.
const places = 3

// Labels appends to dst the features of a document for its labels, each once: its words, pairs of
// neighbouring words, and each word with its place: in the title, or in which third of the
// sentences of the abstract.
func Labels(dst []uint32, t *model.Text) []uint32 {
	title := 0 // number of sentences
	for title < len(t.Sentences) && t.Sections[t.Sentences[title].Section].Kind == schemas.KindTitle {
		title++
	}
	first, previous, sentence := len(dst), Hash(0), -1
	for i, w := range t.Words {
		form := Template(0).Lower(t.Word(i))
		place := Hash(0)
		if w.Sentence >= title {
			place = Hash(1 + places*(w.Sentence-title)/(len(t.Sentences)-title))
		}
		dst = append(dst, Template(labelWord).Uint(uint64(form)).Sum(),
			Template(labelPlace).Uint(uint64(form)).Uint(uint64(place)).Sum())
		if w.Sentence == sentence {
			dst = append(dst, Template(labelBigram).Uint(uint64(previous)).Uint(uint64(form)).Sum())
		}
		previous, sentence = form, w.Sentence
	}
	slices.Sort(dst[first:])
	return dst[:first+len(slices.Compact(dst[first:]))]
}
