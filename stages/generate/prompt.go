package generate

import (
	"fmt"
	"math"
	"slices"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
)

// Prompter makes the sequences of one task, for training and as prompts. It is safe for concurrent
// use.
type Prompter struct {
	model.Generation
	Template *Template
	tok      *tokenizer.Tokenizer
	ellipsis int32 // last token of a text that was cut
}

// NewPrompter returns the Prompter of a task that a model's card describes, with the model's
// tokenizer.
func NewPrompter(g model.Generation, tok *tokenizer.Tokenizer) (*Prompter, error) {
	t, err := Lookup(g.Template)
	if err != nil {
		return nil, err
	}
	if t.Task != g.Task {
		return nil, fmt.Errorf("template %s is of task %s, not of %s", g.Template, t.Task, g.Task)
	}
	if g.Task == schemas.TaskRelations && (g.Subject == "" || g.Object == "" || (g.Relation == "") != t.Typed()) {
		return nil, fmt.Errorf(
			"template %s needs the types of subject and object, and that of the relation unless it generates it: "+
				"subject %q, object %q, relation %q",
			g.Template, g.Subject, g.Object, g.Relation,
		)
	}
	p := &Prompter{Generation: g, Template: t, tok: tok, ellipsis: tokenizer.Unk}
	if dots := tok.Append(nil, "...", 0); len(dots) == 1 {
		p.ellipsis = dots[0].ID
	}
	return p, nil
}

// Source returns </s>, the source of a document and the soft prompt; nil if the document has no
// source.
func (p *Prompter) Source(d *schemas.Document) []int32 {
	text := p.Template.Source(d)
	if text == "" {
		return nil
	}
	ids := p.cut(p.tok.Encode(text), 1+p.SourceTokens)
	return append(ids, p.SoftPrompt...)
}

// Target returns the tokens of a target and the </s> that ends it.
func (p *Prompter) Target(text string) []int32 {
	ids := p.tok.Encode(text)[1:]
	return append(p.cut(ids, p.TargetTokens-1), tokenizer.EOS)
}

func (p *Prompter) cut(ids []int32, limit int) []int32 {
	if len(ids) > limit {
		ids = ids[:max(1, limit)]
		ids[len(ids)-1] = p.ellipsis
	}
	return slices.Clip(ids)
}

// Prompts returns the prompt of a document, or none if it has no source.
func (p *Prompter) Prompts(t *model.Text) []model.Prompt {
	return p.prompts(&schemas.Document{Sections: t.Sections})
}

func (p *Prompter) prompts(d *schemas.Document) []model.Prompt {
	ids := p.Source(d)
	if ids == nil {
		return nil
	}
	return []model.Prompt{{IDs: ids, MaxNew: p.TargetTokens, Beams: p.Beams, LengthPenalty: p.LengthPenalty}}
}

// Text returns the text of a completion.
func (p *Prompter) Text(c model.Completion) string { return p.tok.Decode(c.IDs) }

// ends returns for each token of a completion where it ends in the completion's text, in bytes.
func (p *Prompter) ends(c model.Completion) []int {
	ends := make([]int, len(c.IDs))
	for i := range ends {
		ends[i] = len(p.tok.Decode(c.IDs[:i+1]))
	}
	return ends
}

// score returns the geometric mean of the probabilities of the tokens of the bytes [start, end) of
// the text.
func score(c model.Completion, ends []int, start, end int) float32 {
	sum, n, from := 0.0, 0, 0
	for i, to := range ends {
		if from < end && to > start {
			sum, n = sum+c.LogProbs[i], n+1
		}
		from = to
	}
	return float32(math.Exp(sum / float64(max(1, n))))
}

// check returns an error for an invalid completion.
func check(c model.Completion) error {
	if len(c.IDs) != len(c.LogProbs) {
		return fmt.Errorf("a completion of %d tokens has %d log-probabilities", len(c.IDs), len(c.LogProbs))
	}
	return nil
}
