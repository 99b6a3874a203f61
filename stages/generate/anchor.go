package generate

import (
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/abbrev"
	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/text"
)

// Anchors finds the occurrences of names in a document: word by word (the words of package text),
// regardless of case and of white space between words, and within a sentence. So "beta-blocker"
// occurs in "(Beta - blocker)", but "lead" not in "leading". If the document explains an
// abbreviation, long form and short form are equivalent.
type Anchors struct {
	text  *model.Text
	words []string            // of the text, folded
	at    map[string][]int    // indexes in words, by word
	other map[string][]string // keys of the long or short forms of a key
}

// NewAnchors indexes a text.
func NewAnchors(t *model.Text) *Anchors {
	x := &Anchors{text: t, words: make([]string, len(t.Words)), at: map[string][]int{}, other: map[string][]string{}}
	for i, w := range t.Words {
		x.words[i] = names.FoldCase(t.Body[w.Start:w.End])
		x.at[x.words[i]] = append(x.at[x.words[i]], i)
	}
	for _, p := range abbrev.InText(t) {
		short, long := key(t.Body[p.Short.Start:p.Short.End]), key(t.Body[p.Long.Start:p.Long.End])
		x.other[short] = append(x.other[short], long)
		x.other[long] = append(x.other[long], short)
	}
	return x
}

// gap joins the words of a key. No word contains white space.
const gap = " "

// key returns a name's words, folded and joined. Names with the same key have the same occurrences.
func key(name string) string {
	words := text.Words(name)
	for i, w := range words {
		words[i] = names.FoldCase(w)
	}
	return strings.Join(words, gap)
}

// Contains reports whether a name occurs in the text.
func (x *Anchors) Contains(name string) bool { return len(x.places(key(name))) > 0 }

// names returns the key of a name, and those of its abbreviations or long forms in this text.
func (x *Anchors) names(name string) []string {
	own := key(name)
	keys := []string{own}
	for _, k := range x.other[own] {
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// places returns the occurrences of a key, in text order.
func (x *Anchors) places(key string) []model.WordRange {
	if key == "" {
		return nil
	}
	words := strings.Split(key, gap)
	var found []model.WordRange
	for _, first := range x.at[words[0]] {
		end := first + len(words)
		if end > len(x.words) || !slices.Equal(x.words[first:end], words) ||
			x.text.Words[first].Sentence != x.text.Words[end-1].Sentence {
			continue
		}
		found = append(found, model.WordRange{Start: first, End: end})
	}
	return found
}

// mention returns the mention at a place.
func (x *Anchors) mention(p model.WordRange, typ string, score float32) schemas.Mention {
	first, last := x.text.Words[p.Start], x.text.Words[p.End-1]
	return schemas.Mention{
		Section: x.text.Sentences[first.Sentence].Section, Sentence: first.Sentence,
		Span: schemas.Span{Start: first.Start, End: last.End}, Type: typ, Score: score,
		Method: schemas.MethodGenerated,
	}
}
