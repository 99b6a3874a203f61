package model

import "fmt"

// Prompt is tokens that a model is to go on with, and how it is to choose what follows. The zero
// values of Beams and LengthPenalty are greedy search.
type Prompt struct {
	IDs           []int32
	MaxNew        int     // tokens to write at most, the </s> at their end included
	Beams         int     // beams of the search; 0 and 1 are greedy
	LengthPenalty float64 // the exponent of the length that the score of a beam is divided by
}

// Completion is what a model wrote after a Prompt.
type Completion struct {
	IDs      []int32   // without the </s> that ended it
	LogProbs []float64 // of each of IDs: the natural logarithm of the probability that the model gave it
	Ended    bool      // by </s>; otherwise it was cut at its limit
}

// Generation says how a task is served by writing: what the model is shown, how its text is
// decoded, and how that is read (package generated). The card of a model has one for each such
// task.
type Generation struct {
	Task     string `json:"task"`     // "relations" or "answers"
	Template string `json:"template"` // of package generated: "bc5cdr", …

	// Of relations: the types of the mentions that they join, and their own where the template's
	// sentence has no place for it.
	Subject  string `json:"subject,omitempty"`
	Object   string `json:"object,omitempty"`
	Relation string `json:"relation,omitempty"`
	// Labels are the types or answers that may be written; none stands for any.
	Labels []string `json:"labels,omitempty"`

	SoftPrompt   []int32 `json:"soft_prompt"`   // ids of the learned tokens, which stand between source and target
	SourceTokens int     `json:"source_tokens"` // the source is cut to these
	TargetTokens int     `json:"target_tokens"` // the target ends after these at the latest, </s> counted

	Beams         int     `json:"beams,omitempty"`
	LengthPenalty float64 `json:"length_penalty,omitempty"`
	// AsPublished has the text read as BioGPT's own scripts read it, their mistakes included.
	AsPublished bool `json:"as_published,omitempty"`
}

// Check reports the first thing in a Generation that a model with a token table of so many rows and
// so many positions cannot do.
func (g Generation) Check(vocab, positions int) error {
	switch {
	case g.SourceTokens < 1 || g.TargetTokens < 1:
		return fmt.Errorf("source_tokens %d and target_tokens %d: both are at least 1", g.SourceTokens, g.TargetTokens)
	case g.Beams < 0 || !(g.LengthPenalty >= 0):
		return fmt.Errorf("beams %d and length_penalty %v: neither is below 0", g.Beams, g.LengthPenalty)
	}
	for _, id := range g.SoftPrompt {
		if id < 0 || int(id) >= vocab {
			return fmt.Errorf("soft_prompt has id %d, the model has %d rows of tokens", id, vocab)
		}
	}
	if n := 1 + g.SourceTokens + len(g.SoftPrompt) + g.TargetTokens; n > positions+1 { // the last token that is written is not read
		return fmt.Errorf(
			"</s>, %d tokens of source, %d of soft prompt and %d of target are more than the model's %d positions and one",
			g.SourceTokens, len(g.SoftPrompt), g.TargetTokens, positions,
		)
	}
	return nil
}
