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

// document is an example made ready to learn tags from.
type document struct {
	text      *model.Text
	words     *features.Words
	names     lexicon.Features // empty for a head that learns without
	sentences []sentence
	weights   []float32     // per type: how much its chain counts; 0 where the corpus does not annotate it
	gold      [][]heads.Tag // per type of weight > 0: a tag for every word
	silent    [][]bool      // per type, nil when there is none: words that say nothing
}

// sentence is the words [start, end) of a document.
type sentence struct{ start, end int }

// plainDocument is a text without tags.
func plainDocument(t *model.Text, types int) *document {
	d := &document{
		text: t, words: features.NewWords(t), weights: make([]float32, types),
		gold: make([][]heads.Tag, types), silent: make([][]bool, types),
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

// goldDocument aligns the gold mentions with the words of the text.
func goldDocument(
	e *dataset.Example, t *model.Text, types []string, weight func(corpus, typ string) float32,
) *document {
	d := plainDocument(t, len(types))
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
	return d.names.Append(d.words.Append(dst, i), i)
}

// within returns the words [start, end) that overlap a span.
func (d *document) within(s schemas.Span) (start, end int) {
	words := d.text.Words
	start = sort.Search(len(words), func(i int) bool { return words[i].End > s.Start })
	end = sort.Search(len(words), func(i int) bool { return words[i].Start >= s.End })
	return start, end
}

// tag writes the tags of a mention. It reports false when its bounds are not those of words of one
// sentence, and leaves a mention alone that overlaps an earlier, longer one.
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

// mask keeps the words of a span that carry no tag from being learned.
func (d *document) mask(k int, s schemas.Span) {
	if d.silent[k] == nil {
		d.silent[k] = make([]bool, len(d.text.Words))
	}
	start, end := d.within(s)
	for i := start; i < end; i++ {
		d.silent[k][i] = d.gold[k][i] == heads.Outside
	}
}
