package train

import (
	"sort"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/train/lexicon"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
)

// document is an example prepared for training the tag head.
type document struct {
	text      *model.Text
	words     *features.Words
	lexicon   lexicon.Features // of the teacher; nil without a lexicon
	states    [][]float32      // by word; nil without a fixed trunk
	sentences []sentence
	weights   []float32     // by type, in the loss; 0 where the corpus does not annotate the type
	gold      [][]heads.Tag // by type of weight > 0: a tag for every word
	ignored   [][]bool      // by type, nil for none: words that are ignored in the loss
}

// sentence is the words [start, end) of a document.
type sentence struct{ start, end int }

// unlabelledDocument returns a document without labels.
func unlabelledDocument(t *model.Text, types int) *document {
	d := &document{
		text: t, words: features.NewWords(t), weights: make([]float32, types),
		gold: make([][]heads.Tag, types), ignored: make([][]bool, types),
	}
	for start := 0; start < len(t.Words); {
		end := start + 1
		for end < len(t.Words) && t.Words[end].Sentence == t.Words[start].Sentence {
			end++
		}
		d.sentences = append(d.sentences, sentence{start, end})
		start = end
	}
	return d
}

// labelledDocument returns a document with the gold mentions aligned with its words.
func labelledDocument(
	e *dataset.Example, t *model.Text, types []string, weight func(corpus, typ string) float32,
) *document {
	d := unlabelledDocument(t, len(types))
	for k, typ := range types {
		if !e.Annotates(typ) {
			continue
		}
		if d.weights[k] = weight(e.Corpus, typ); d.weights[k] == 0 {
			continue
		}
		d.gold[k] = make([]heads.Tag, len(t.Words))
		for _, m := range e.Gold.Mentions {
			if m.Type == typ && !d.tag(k, m.Span) {
				d.mask(k, m.Span)
			}
		}
		for _, m := range e.Masked {
			if m.Type == typ {
				d.mask(k, m.Span)
			}
		}
	}
	return d
}

// features appends the features of word i.
func (d *document) features(dst []uint32, i int) []uint32 {
	return d.lexicon.Append(d.words.Append(dst, i), i)
}

// within returns the words [start, end) that overlap a span.
func (d *document) within(s schemas.Span) (start, end int) {
	words := d.text.Words
	start = sort.Search(len(words), func(i int) bool { return words[i].End > s.Start })
	end = sort.Search(len(words), func(i int) bool { return words[i].Start >= s.End })
	return start, end
}

// tag sets the tags of a mention. It reports false when the bounds of the mention are not word
// boundaries within one sentence. A mention that overlaps an earlier, longer one is skipped.
func (d *document) tag(k int, s schemas.Span) bool {
	words := d.text.Words
	start, end := d.within(s)
	if start >= end || words[start].Start != s.Start || words[end-1].End != s.End ||
		words[start].Sentence != words[end-1].Sentence {
		return false
	}
	for i := start; i < end; i++ {
		if d.gold[k][i] != heads.Outside {
			return true
		}
	}
	d.gold[k][start] = heads.Begin
	for i := start + 1; i < end; i++ {
		d.gold[k][i] = heads.Inside
	}
	return true
}

// mask ignores the untagged words of a span in the loss.
func (d *document) mask(k int, s schemas.Span) {
	if d.ignored[k] == nil {
		d.ignored[k] = make([]bool, len(d.text.Words))
	}
	start, end := d.within(s)
	for i := start; i < end; i++ {
		d.ignored[k][i] = d.gold[k][i] == heads.Outside
	}
}
