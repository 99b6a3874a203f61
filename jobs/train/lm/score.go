package lm

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/pubmine/pubmine/jobs/train/loop"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
)

// Score is how well a model predicts texts.
type Score struct {
	Documents int
	Words     int // runs of what is not white space
	Bytes     int // of the texts in UTF-8
	Loss      trunk.Loss
	Masked    bool // only masked tokens were predicted, of which words and bytes say nothing
}

// Add adds what was measured on other texts.
func (s Score) Add(o Score) Score {
	return Score{s.Documents + o.Documents, s.Words + o.Words, s.Bytes + o.Bytes, s.Loss.Add(o.Loss), o.Masked}
}

// WordPerplexity is e to the loss of a word; the ends of the texts are predicted, too, and count
// with the words.
func (s Score) WordPerplexity() float64 { return math.Exp(s.Loss.Sum / float64(max(1, s.Words))) }

// BitsPerByte is the loss of a byte of text in bits: what may be compared between vocabularies.
func (s Score) BitsPerByte() float64 { return s.Loss.Sum / math.Ln2 / float64(max(1, s.Bytes)) }

// Perplexity is the score for a card.
func (s Score) Perplexity() *catalog.Perplexity {
	p := &catalog.Perplexity{
		Documents: s.Documents, Tokens: s.Loss.Targets, Loss: round(s.Loss.Mean()),
		Token: round(s.Loss.Perplexity()),
	}
	if !s.Masked {
		p.Word, p.BitsPerByte = round(s.WordPerplexity()), round(s.BitsPerByte())
	}
	return p
}

func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// maskSeed is that of the masks that are measured with: the same for everybody.
const maskSeed = 20

// Measure measures a trainer's model on texts. Each is read by itself; one that is longer than the
// model's window, in windows of which each begins without what is before it. A bidirectional model
// has masked words to predict.
func Measure(
	ctx context.Context, trainer *trunk.Trainer, words *tokenizer.Tokenizer, docs []*schemas.Document,
) (Score, error) {
	window := trainer.Config().MaxPositions
	total := Score{Masked: trainer.Config().Attention == biogpt.Bidirectional}
	masks := newMasker(words)
	const together = 64
	for at := 0; at < len(docs); at += together {
		if err := ctx.Err(); err != nil {
			return total, context.Cause(ctx)
		}
		var parts []trunk.Example
		for i, d := range docs[at:min(at+together, len(docs))] {
			text := Text(d)
			total.Documents++
			total.Words += len(strings.Fields(text))
			total.Bytes += len(text)
			random := rand.New(rand.NewPCG(maskSeed, uint64(at+i)))
			for _, p := range cut(words.Encode(text), window) {
				if total.Masked {
					p = masks.mask(p, random)
				}
				parts = append(parts, p)
			}
		}
		loss, err := loop.Measure(trainer, parts)
		if err != nil {
			return total, err
		}
		total.Loss = total.Loss.Add(loss)
	}
	return total, nil
}

// Text is what a model reads of a document: title and abstract, or all that there is of either.
func Text(d *schemas.Document) string { return strings.TrimSpace(d.Text()) }
