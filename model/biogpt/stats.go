package biogpt

import "time"

// Stats counts what an Engine has computed since it was made.
type Stats struct {
	Sequences int64         // encoded
	Tokens    int64         // encoded, without padding
	Padded    int64         // computed, with padding: 1 - Tokens/Padded is the fraction of padding
	FLOPs     float64       // needed for the tokens, without padding: the sum of Config.FLOPs
	Busy      time.Duration // time in which the device computed or copied, without compiling
	Compile   time.Duration // time to compile and warm programs
	Programs  int           // compiled
}

// Rate returns FLOPs per second of Busy, or 0.
func (s Stats) Rate() float64 {
	if s.Busy <= 0 {
		return 0
	}
	return s.FLOPs / s.Busy.Seconds()
}

// Padding returns the fraction of the computed tokens that is padding.
func (s Stats) Padding() float64 {
	if s.Padded == 0 {
		return 0
	}
	return 1 - float64(s.Tokens)/float64(s.Padded)
}

// FLOPs returns the floating-point operations of the trunk's products on a sequence of n tokens,
// where a multiplication and an addition are two: 2*weights for a token and 4*hidden for a pair of
// tokens that see each other, in each layer. Pairs hidden by a causal mask, norms, softmax and gelu
// are not counted.
func (c Config) FLOPs(n int) float64 {
	tokens, hidden := float64(n), float64(c.Hidden)
	pairs := tokens * tokens
	if c.causal() {
		pairs = tokens * (tokens + 1) / 2
	}
	weights := 4*hidden*hidden + 2*hidden*float64(c.FFN)
	return float64(c.Layers) * (2*weights*tokens + 4*hidden*pairs)
}
