package prompttuning

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/pubmine/pubmine/model/biogpt"
)

// Extended are parameters with a longer token table. The added rows are drawn from a normal
// distribution with variance 1/width, as in fairseq.
type Extended struct {
	biogpt.Tensors
	Rows int // of the base's table
	Seed uint64
}

// AppendFloat32s reads a parameter.
func (x Extended) AppendFloat32s(values []float32, name string, shape []int) ([]float32, error) {
	if name != biogpt.TokenTable {
		return x.Tensors.AppendFloat32s(values, name, shape)
	}
	if len(shape) != 2 || shape[0] < x.Rows {
		return values, fmt.Errorf("parameter %q has %d rows, not the shape %v", name, x.Rows, shape)
	}
	values, err := x.Tensors.AppendFloat32s(values, name, []int{x.Rows, shape[1]})
	if err != nil {
		return values, err
	}
	random := rand.New(rand.NewPCG(x.Seed, 13))
	spread := 1 / math.Sqrt(float64(shape[1]))
	values = slices.Grow(values, (shape[0]-x.Rows)*shape[1])
	for range (shape[0] - x.Rows) * shape[1] {
		values = append(values, float32(random.NormFloat64()*spread))
	}
	return values, nil
}
