package biogpt

import "time"

// Stats counts what an Engine has computed since it was made.
type Stats struct {
	Sequences int64         // encoded
	Tokens    int64         // encoded, padding not counted
	Padded    int64         // computed, padding counted: 1 - Tokens/Padded is the share of padding
	FLOPs     float64       // that the tokens need, padding not counted: Config.FLOPs of each sequence
	Busy      time.Duration // the device computed or copied, compiling not counted
	Compile   time.Duration // spent compiling programs and warming them
	Programs  int           // compiled
}

// Rate returns the floating-point operations a second that the model needed while the device was
// busy, 0 before it was.
func (s Stats) Rate() float64 {
	if s.Busy <= 0 {
		return 0
	}
	return s.FLOPs / s.Busy.Seconds()
}

// Padding returns the share of the computed tokens that was padding.
func (s Stats) Padding() float64 {
	if s.Padded == 0 {
		return 0
	}
	return 1 - float64(s.Tokens)/float64(s.Padded)
}

// FLOPs returns the floating-point operations of the trunk's products on a sequence of n tokens, a
// multiplication and an addition each counted: 2*weights for a token and 4*hidden for a pair of
// tokens that see each other, in each layer. What a causal mask hides is not counted; norms,
// softmax and gelu are not either.
func (c Config) FLOPs(n int) float64 {
	tokens, hidden := float64(n), float64(c.Hidden)
	pairs := tokens * tokens
	if c.causal() {
		pairs = tokens * (tokens + 1) / 2
	}
	weights := 4*hidden*hidden + 2*hidden*float64(c.FFN)
	return float64(c.Layers) * (2*weights*tokens + 4*hidden*pairs)
}
