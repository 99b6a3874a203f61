package decoding

import (
	"errors"
	"fmt"
)

// End is the token that ends a sequence: "</s>", 2 in every vocabulary of BioGPT.
const End int32 = 2

// EarlyStopping is the criterion by which a beam search stops that has as many finished sequences
// as beams.
type EarlyStopping int

// The values of EarlyStopping; the reference calls them False, True and "never".
const (
	StopUnlikely EarlyStopping = iota // once the best open beam scores at most as high as the worst finished sequence
	StopFull                          // at once
	StopNever                         // once no open beam can score higher at the maximum length
)

// Options are the rules by which tokens are chosen. The zero value is greedy search up to the
// decoder's limit.
type Options struct {
	MaxNew    int // maximum number of tokens after the prompt; 0 stands for MaxLength
	MaxLength int // maximum number of tokens with the prompt; 0 stands for the decoder's limit
	MinNew    int // minimum number of tokens after the prompt before End; 0 stands for MinLength
	MinLength int // minimum number of tokens with the prompt before End

	Beams         int // 0 and 1 for no beam search
	LengthPenalty float64
	EarlyStopping EarlyStopping

	Temperature float64 // 0 for no sampling
	TopK        int     // 0 for no cut
	TopP        float64 // 0 and 1 for no cut
	Seed        uint64

	Return int // number of sequences: the best of a beam search, at most Beams, or samples; 0 stands for 1
}

// Choice is a chosen token and the logarithm of its probability in the model.
type Choice struct {
	ID      int32
	LogProb float64
}

// Finish is the reason why a sequence ends.
type Finish string

// The values of Finish.
const (
	FinishEnd    Finish = "end"    // its last token is End
	FinishStop   Finish = "stop"   // Request.Stop returned true
	FinishLength Finish = "length" // it reached the limit
)

// Sequence is the completion of a prompt.
type Sequence struct {
	Tokens []Choice
	Score  float64 // sum of the log-probabilities; in a beam search divided by tokens^LengthPenalty
	Finish Finish
}

// IDs returns the ids of the tokens.
func (s Sequence) IDs() []int32 {
	ids := make([]int32, len(s.Tokens))
	for i, t := range s.Tokens {
		ids[i] = t.ID
	}
	return ids
}

// Request is a prompt to be completed. Its functions are called from within Scheduler.Step, and may
// be nil.
type Request struct {
	Prompt []int32
	Options

	// Stop reports whether a sequence, given as the ids after the prompt, ends there.
	Stop func(ids []int32) bool
	// Emit is called with each token of sequence i when it is chosen; in a beam search, at its end.
	Emit func(i int, c Choice)
	// Done is called with the sequences (of a beam search the best first) or with the error that
	// ended the request.
	Done func([]Sequence, error)
}

// check returns an error for the first value in a request that the limits or the options do not
// allow.
func (r Request) check(l Limits) error {
	for i, id := range r.Prompt {
		if id < 0 || int(id) >= l.Vocab {
			return fmt.Errorf("token %d of the prompt: id %d is not below the vocabulary size, %d", i, id, l.Vocab)
		}
	}
	switch most := r.limit(l); {
	case len(r.Prompt) == 0:
		return errors.New("the prompt has no tokens")
	case len(r.Prompt) > l.MaxLen:
		return fmt.Errorf("a prompt of %d tokens, the model has %d positions", len(r.Prompt), l.MaxLen)
	case most > l.MaxLen:
		return fmt.Errorf(
			"a prompt of %d tokens and its completion can have %d tokens, the model has %d positions: ask for fewer",
			len(r.Prompt), most, l.MaxLen,
		)
	case len(r.Prompt) >= most:
		return fmt.Errorf("a prompt of %d tokens leaves no room for more: the limit is %d", len(r.Prompt), most)
	case r.width() > l.Slots:
		return fmt.Errorf("%d sequences at once are more than the %d slots", r.width(), l.Slots)
	}
	return r.Options.check(l)
}

func (o Options) check(l Limits) error {
	switch {
	case o.MaxNew < 0 || o.MaxLength < 0 || o.MinNew < 0 || o.MinLength < 0 || o.Beams < 0 || o.TopK < 0 ||
		o.Return < 0:
		return errors.New("numbers of tokens, beams and sequences cannot be below 0")
	case !(o.Temperature >= 0) || !(o.TopP >= 0 && o.TopP <= 1):
		return fmt.Errorf(
			"temperature %v and top-p %v: the first must be at least 0, the second 0 to 1", o.Temperature, o.TopP,
		)
	case o.Beams > 1 && o.Temperature > 0:
		return errors.New("beam search and sampling exclude each other")
	case o.Beams > 1 && o.Return > o.Beams:
		return fmt.Errorf("%d sequences are more than the %d beams", o.Return, o.Beams)
	case o.Beams > 1 && 2*o.Beams >= l.Vocab:
		return fmt.Errorf("%d beams are too many for a vocabulary of %d", o.Beams, l.Vocab)
	case o.Beams <= 1 && o.Temperature == 0 && o.Return > 1:
		return fmt.Errorf("%d sequences: without beams or a temperature all are the same", o.Return)
	}
	return nil
}

// width is the number of slots that a request needs.
func (o Options) width() int {
	if o.Beams > 1 {
		return o.Beams
	}
	return max(1, o.Return)
}

// limit is the maximum number of tokens of a sequence, including the prompt.
func (r Request) limit(l Limits) int {
	switch {
	case r.MaxNew > 0:
		return len(r.Prompt) + r.MaxNew
	case r.MaxLength > 0:
		return r.MaxLength
	}
	return l.MaxLen
}

// finish reports whether a sequence of n new tokens ends with the token id, and why.
func (r Request) finish(limit, n int, id int32, ids func() []int32) Finish {
	switch {
	case id == End:
		return FinishEnd
	case r.Stop != nil && r.Stop(ids()):
		return FinishStop
	case len(r.Prompt)+n >= limit:
		return FinishLength
	}
	return ""
}

// mayEnd reports whether End may be the next token after n new ones.
func (r Request) mayEnd(n int) bool {
	if r.MinNew > 0 {
		return n >= r.MinNew
	}
	return len(r.Prompt)+n >= r.MinLength
}
