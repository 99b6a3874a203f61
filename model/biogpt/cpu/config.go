package cpu

import (
	"fmt"
	"math"
)

// Config has the sizes and the variant of a trunk.
type Config struct {
	Vocab, Hidden, Layers, Heads, FFN, MaxPositions int

	ScaleEmbed    bool // tokens are multiplied by sqrt(Hidden)
	Bidirectional bool // every token sees all others; such a trunk cannot generate
}

// Tensors is a source of parameters, read one at a time by their Hugging Face names. AppendFloat32s
// appends the values of a parameter, row-major; it fails if the parameter is missing or has another
// shape.
type Tensors interface {
	AppendFloat32s(values []float32, name string, shape []int) ([]float32, error)
}

// positionOffset is the row of the position table for the first token of a sequence.
const positionOffset = 2

func (c Config) validate() error {
	for _, size := range []int{c.Vocab, c.Hidden, c.Layers, c.Heads, c.FFN, c.MaxPositions} {
		if size < 1 {
			return fmt.Errorf("a size of %d in %+v", size, c)
		}
	}
	if c.Hidden%c.Heads != 0 {
		return fmt.Errorf("hidden size %d is no multiple of %d heads", c.Hidden, c.Heads)
	}
	return nil
}

// embedScale is the factor of token embeddings.
func (c Config) embedScale() float32 {
	if c.ScaleEmbed {
		return float32(math.Sqrt(float64(c.Hidden)))
	}
	return 1
}
