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

// Score is the loss of a model on texts.
type Score struct {
	Documents int
	Words     int // separated by white space
	Bytes     int // in UTF-8
	Loss      trunk.Loss
	Masked    bool // only masked tokens were predicted: the loss per word or byte is not defined
}

// Add adds the score of other texts.
func (s Score) Add(o Score) Score {
	return Score{s.Documents + o.Documents, s.Words + o.Words, s.Bytes + o.Bytes, s.Loss.Add(o.Loss), o.Masked}
}

// WordPerplexity is the perplexity per word. The ends of texts are predicted, too, and their loss
// counts.
func (s Score) WordPerplexity() float64 { return math.Exp(s.Loss.Sum / float64(max(1, s.Words))) }

// BitsPerByte is the loss per byte in bits, which can be compared between vocabularies.
func (s Score) BitsPerByte() float64 { return s.Loss.Sum / math.Ln2 / float64(max(1, s.Bytes)) }

// Perplexity returns the score for a card.
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

// maskSeed is the seed of the masks of measurements, the same for all models.
const maskSeed = 20

// Measure measures the model of a trainer on texts. Each text starts a window; longer texts are cut
// into windows that do not see each other. A bidirectional model predicts masked words.
func Measure(
	ctx context.Context, trainer *trunk.Trainer, tok *tokenizer.Tokenizer, docs []*schemas.Document,
) (Score, error) {
	loss := func(examples []trunk.Example) (trunk.Loss, error) { return loop.Measure(trainer, examples) }
	return measure(ctx, trainer.Config(), loss, tok, docs)
}

// MeasureKernels is Measure for an engine of the given config on the backend cpu.
func MeasureKernels(
	ctx context.Context, engine *biogpt.Engine, config biogpt.Config, tok *tokenizer.Tokenizer,
	docs []*schemas.Document,
) (Score, error) {
	loss := func(examples []trunk.Example) (trunk.Loss, error) { return trunk.KernelLoss(ctx, engine, examples) }
	return measure(ctx, config, loss, tok, docs)
}

// measure sums the loss of examples made of texts.
func measure(
	ctx context.Context, config biogpt.Config, lossOf func([]trunk.Example) (trunk.Loss, error),
	tok *tokenizer.Tokenizer, docs []*schemas.Document,
) (Score, error) {
	window := config.MaxPositions
	total := Score{Masked: config.Attention == biogpt.Bidirectional}
	masks := newMasker(tok)
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
			for _, p := range cut(tok.Encode(text), window) {
				if total.Masked {
					p = masks.mask(p, random)
				}
				parts = append(parts, p)
			}
		}
		loss, err := lossOf(parts)
		if err != nil {
			return total, err
		}
		total.Loss = total.Loss.Add(loss)
	}
	return total, nil
}

// Text returns the input of a model for a document: title and abstract.
func Text(d *schemas.Document) string { return strings.TrimSpace(d.Text()) }
