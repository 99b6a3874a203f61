package decoding

import "context"

// A Decoder holds the keys and values of a fixed number of sequences, each in a slot, and computes
// the logits of the next token of each. A slot that was never prefilled is empty and must not be
// stepped or copied from. A Decoder is used from one goroutine at a time.
//
// The logits of a slot depend on the tokens that it has read; the other slots, and which of them a
// call names, change them by rounding only. A call returns one row of Limits.Vocab values for each
// element of its argument, in the same order; the rows are valid until the next call of any method,
// and the caller may write to them.
//
// A call names each slot once (except in Copy's "from"), slots are below Limits.Slots, ids are in
// [0, Limits.Vocab), a prompt has at least one token, and no slot reads more than Limits.MaxLen
// tokens in total; otherwise a Decoder returns an error. After any error the slots named in the
// call are empty.
type Decoder interface {
	// Prefill empties each named slot and makes it read a prompt. It returns the logits after the
	// last token of each.
	Prefill(ctx context.Context, prompts []Prompt) ([][]float32, error)
	// Step makes each named slot read one more token. It returns the logits after it.
	Step(ctx context.Context, tokens []Token) ([][]float32, error)
	// Copy makes slot to[i] a copy of slot from[i], for all i at the same time: the copies are of
	// the contents before the call. Slots may be named in both, so that permutations and duplicates
	// are possible; no slot is named twice in "to".
	Copy(ctx context.Context, from, to []int) error
}

// Prompt is the first tokens of a sequence and the slot for it.
type Prompt struct {
	Slot int
	IDs  []int32
}

// Token is one more token of the sequence in a slot.
type Token struct {
	Slot int
	ID   int32
}

// Limits are the sizes of a Decoder.
type Limits struct {
	Slots  int // sequences held at once
	Vocab  int // number of ids, and of values in a row of logits
	MaxLen int // maximum number of tokens in a slot
}
