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

// Anchors finds names in a document: word by word, where a word is that of package text, without
// regard to case and to white space between words, and within a sentence. So "beta-blocker" stands
// in "(Beta - blocker)" and "lead" not in "leading". Where the document explains an abbreviation,
// long form and short form stand for each other.
type Anchors struct {
	text  *model.Text
	words []string            // of the text, folded
	at    map[string][]int    // of a word: where it stands
	other map[string][]string // of a long or short form: the other's words, joined
}

// NewAnchors reads a text.
func NewAnchors(t *model.Text) *Anchors {
	x := &Anchors{text: t, words: make([]string, len(t.Words)), at: map[string][]int{}, other: map[string][]string{}}
	for i, w := range t.Words {
		x.words[i] = names.FoldCase(t.Body[w.Start:w.End])
		x.at[x.words[i]] = append(x.at[x.words[i]], i)
	}
	sentences := make([]schemas.Span, len(t.Sentences))
	for i, s := range t.Sentences {
		sentences[i] = s.Span
	}
	for _, p := range abbrev.Find(t.Body, sentences) {
		short, long := key(t.Body[p.Short.Start:p.Short.End]), key(t.Body[p.Long.Start:p.Long.End])
		x.other[short] = append(x.other[short], long)
		x.other[long] = append(x.other[long], short)
	}
	return x
}

// gap joins the words of a key. No word holds white space.
const gap = " "

// key is a name's words, folded and joined: two names with one key stand in the same places.
func key(name string) string {
	words := text.Words(name)
	for i, w := range words {
		words[i] = names.FoldCase(w)
	}
	return strings.Join(words, gap)
}

// Stands reports whether a name stands in the text.
func (x *Anchors) Stands(name string) bool { return len(x.places(key(name))) > 0 }

// names returns the keys that a name stands for in this text: its own, and those of its
// abbreviations or long forms.
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

// places returns where the words of a key stand, in text order.
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

// mention makes the mention of a place.
func (x *Anchors) mention(p model.WordRange, typ string, score float32) schemas.Mention {
	first, last := x.text.Words[p.Start], x.text.Words[p.End-1]
	return schemas.Mention{
		Section: x.text.Sentences[first.Sentence].Section, Sentence: first.Sentence, Span: schemas.Span{Start: first.Start, End: last.End}, Type: typ, Score: score,
		Method: schemas.MethodGenerated,
	}
}
