package main

import (
	"context"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/biogpt"
)

// writingSlots is how many texts a run writes side by side: on two cores 16 make the most tokens a
// second (README).
const writingSlots = 16

// lazyWriter opens the generator when it is first asked to write.
type lazyGenerator struct {
	open      func(slots int) (*biogpt.Generator, error)
	slots     int
	generator *biogpt.Generator
}

// Write goes on with prompts.
func (l *lazyGenerator) Generate(ctx context.Context, prompts []model.Prompt) ([]model.Completion, error) {
	if l.generator == nil {
		g, err := l.open(l.slots)
		if err != nil {
			return nil, err
		}
		l.generator = g
	}
	return biogpt.Generate(ctx, l.generator, l.generator.Limits, prompts)
}

func (l *lazyGenerator) close() {
	if l.generator != nil {
		_ = l.generator.Close() // frees memory; the program ends next
	}
}
