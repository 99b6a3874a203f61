package decoding

import "context"

// A Decoder holds the keys and values of a fixed number of sequences, each in a slot, and tells
// what its model thinks of the next token of each. A slot that was never prefilled holds nothing
// and must not be stepped or copied from. A Decoder is used from one goroutine at a time.
//
// The logits of a slot are a function of the tokens it has read: what the other slots hold, and
// which of them are named in the same call, changes them by no more than rounding. The rows that
// are returned stand in the order of the argument, one for each element of it, each of Limits.Vocab
// values; they are valid until the next call of any method, and the caller may write to them.
//
// The caller keeps to the limits: slots are named once in a call (Copy's "from" excepted) and are
// below Limits.Slots, ids are in [0, Limits.Vocab), a prompt has at least one token, and no slot
// reads more than Limits.MaxLen tokens in all. A Decoder returns an error where that is not so.
// After any error the slots named in the call hold nothing.
type Decoder interface {
	// Prefill makes each named slot forget what it held and read a prompt. It returns the logits
	// after the last token of each.
	Prefill(ctx context.Context, prompts []Prompt) ([][]float32, error)
	// Step makes each named slot read one more token. It returns the logits after it.
	Step(ctx context.Context, tokens []Token) ([][]float32, error)
	// Copy makes slot to[i] a copy of slot from[i], for all i at the same time: what is read is
	// what the slots held before the call. Slots may be named in both, so that permutations and
	// duplicates are possible; no slot is named twice in "to".
	Copy(ctx context.Context, from, to []int) error
}

// Prompt is the first tokens of a sequence, and the slot that is to hold it.
type Prompt struct {
	Slot int
	IDs  []int32
}

// Token is one more token of the sequence in a slot.
type Token struct {
	Slot int
	ID   int32
}

// Limits says how much a Decoder holds.
type Limits struct {
	Slots  int // sequences held at once
	Vocab  int // ids are below this, and a row of logits has as many values
	MaxLen int // tokens that a slot can read
}
