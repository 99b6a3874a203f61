package model

import "fmt"

// Prompt is the beginning of a text that a model continues, and the options of the search. The zero
// values of Beams and LengthPenalty mean greedy search.
type Prompt struct {
	IDs           []int32
	MaxNew        int     // maximum number of tokens, including the final </s>
	Beams         int     // number of beams; 0 and 1 are greedy
	LengthPenalty float64 // exponent of the length by which the score of a beam is divided
}

// Completion is the continuation of a Prompt.
type Completion struct {
	IDs      []int32   // without the final </s>
	LogProbs []float64 // of each of IDs: natural logarithm of its probability
	Ended    bool      // by </s>; otherwise by its limit
}

// Generation configures a task that is served by generation: the form of the prompt, the decoding,
// and the parsing of the completion (package generate). The card of a model has one for each such
// task.
type Generation struct {
	Task     string `json:"task"`     // "relations" or "answers"
	Template string `json:"template"` // of package generate: "bc5cdr", …

	// For relations: the types of subject and object, and the relation type if the template's
	// sentence has none.
	Subject  string `json:"subject,omitempty"`
	Object   string `json:"object,omitempty"`
	Relation string `json:"relation,omitempty"`
	// Labels are the permitted relation types or answers; none means any.
	Labels []string `json:"labels,omitempty"`

	SoftPrompt   []int32 `json:"soft_prompt"`   // ids of the learned tokens between source and target
	SourceTokens int     `json:"source_tokens"` // maximum length of the source, which is cut
	TargetTokens int     `json:"target_tokens"` // maximum length of the target, including </s>

	Beams         int     `json:"beams,omitempty"`
	LengthPenalty float64 `json:"length_penalty,omitempty"`
	// AsPublished parses completions as BioGPT's published scripts do, including their errors.
	AsPublished bool `json:"as_published,omitempty"`
}

// Check returns an error for the first value in a Generation that a model with the given vocabulary
// size and number of positions cannot use.
func (g Generation) Check(vocab, positions int) error {
	switch {
	case g.SourceTokens < 1 || g.TargetTokens < 1:
		return fmt.Errorf("source_tokens %d and target_tokens %d: both are at least 1", g.SourceTokens, g.TargetTokens)
	case g.Beams < 0 || !(g.LengthPenalty >= 0):
		return fmt.Errorf("beams %d and length_penalty %v: neither is below 0", g.Beams, g.LengthPenalty)
	}
	for _, id := range g.SoftPrompt {
		if id < 0 || int(id) >= vocab {
			return fmt.Errorf("soft_prompt has id %d, which is not below the vocabulary size, %d", id, vocab)
		}
	}
	// The last token is generated, but not read.
	if n := 1 + g.SourceTokens + len(g.SoftPrompt) + g.TargetTokens; n > positions+1 {
		return fmt.Errorf(
			"</s>, %d tokens of source, %d of soft prompt and %d of target are too many for the model's %d positions",
			g.SourceTokens, len(g.SoftPrompt), g.TargetTokens, positions,
		)
	}
	return nil
}
