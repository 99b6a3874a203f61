package decodingtest

import (
	"testing"

	"github.com/pubmine/pubmine/model/biogpt/decoding"
)

func TestFake(t *testing.T) {
	limits := decoding.Limits{Slots: 5, Vocab: 40, MaxLen: 48}
	Run(
		t,
		Subject{
			Decoder: NewFake(limits, Random(limits.Vocab)), Limits: limits, Logits: Random(limits.Vocab),
			Tolerance: 1e-12,
		},
	)
}
