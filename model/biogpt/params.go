package biogpt

import (
	"fmt"
	"slices"

	"github.com/pubmine/pubmine/model/weights"
)

// Names of parameters outside the layers.
const (
	TokenTable    = "biogpt.embed_tokens.weight"
	PositionTable = "biogpt.embed_positions.weight"
	finalNorm     = "biogpt.layer_norm"
)

// Spec names a parameter and gives its dimensions.
type Spec struct {
	Name  string
	Shape []int
}

// Size returns the number of values of the parameter.
func (s Spec) Size() int {
	n := 1
	for _, d := range s.Shape {
		n *= d
	}
	return n
}

// Tensors is a source of parameters, read one at a time: a file of weights, or Params.
// AppendFloat32s appends the values of a parameter, row-major; it fails if the parameter is missing
// or has another shape.
type Tensors interface {
	AppendFloat32s(values []float32, name string, shape []int) ([]float32, error)
}

// Params holds the values of parameters, row-major, by name.
type Params map[string][]float32

// AppendFloat32s copies a parameter. Params have no shapes: the number of values must agree.
func (p Params) AppendFloat32s(values []float32, name string, shape []int) ([]float32, error) {
	if err := p.Check([]Spec{{Name: name, Shape: shape}}); err != nil {
		return values, err
	}
	return append(values, p[name]...), nil
}

// layer returns the name that the parameters of part in layer i begin with.
func layer(i int, part string) string { return fmt.Sprintf("biogpt.layers.%d.%s", i, part) }

// Trunk lists the parameters of the trunk, always in the same order.
func (c Config) Trunk() []Spec {
	specs := []Spec{
		{TokenTable, []int{c.Vocab, c.Hidden}},
		{PositionTable, []int{c.MaxPositions + positionOffset, c.Hidden}},
	}
	affine := func(name string, weight ...int) {
		specs = append(specs, Spec{name + ".weight", weight}, Spec{name + ".bias", weight[:1]})
	}
	for i := range c.Layers {
		affine(layer(i, "self_attn_layer_norm"), c.Hidden)
		for _, part := range []string{"q_proj", "k_proj", "v_proj", "out_proj"} {
			affine(layer(i, "self_attn."+part), c.Hidden, c.Hidden)
		}
		affine(layer(i, "final_layer_norm"), c.Hidden)
		affine(layer(i, "fc1"), c.FFN, c.Hidden)
		affine(layer(i, "fc2"), c.Hidden, c.FFN)
	}
	affine(finalNorm, c.Hidden)
	return specs
}

// CheckShapes returns an error for the first parameter of the trunk that is missing from the
// tensors or has another shape there. It is called before memory is allocated for the sizes in a
// config.
func (c Config) CheckShapes(tensors weights.Set) error {
	if c.Layers > len(tensors) {
		return fmt.Errorf("num_hidden_layers is %d, there are %d tensors", c.Layers, len(tensors))
	}
	for _, s := range c.Trunk() {
		l, ok := tensors[s.Name]
		if !ok {
			return fmt.Errorf("tensor %q is missing", s.Name)
		}
		if !slices.Equal(l.Shape, s.Shape) {
			return fmt.Errorf("tensor %q has shape %v, the config asks for %v", s.Name, l.Shape, s.Shape)
		}
	}
	return nil
}

// ReadParams reads the listed parameters, checking their shapes.
func ReadParams(from Tensors, specs []Spec) (Params, error) {
	params := Params{}
	for _, s := range specs {
		values, err := from.AppendFloat32s(nil, s.Name, s.Shape)
		if err != nil {
			return nil, err
		}
		params[s.Name] = values
	}
	return params, nil
}

// Tensors returns the listed parameters for weights.Write.
func (p Params) Tensors(specs []Spec) []weights.Tensor {
	var tensors []weights.Tensor
	for _, s := range specs {
		tensors = append(tensors, weights.FromFloat32s(s.Name, p[s.Name], s.Shape...))
	}
	return tensors
}

// Check returns an error for the first parameter that is missing or of the wrong size.
func (p Params) Check(specs []Spec) error {
	for _, s := range specs {
		if len(p[s.Name]) != s.Size() {
			return fmt.Errorf("parameter %q has %d values, the config asks for %d", s.Name, len(p[s.Name]), s.Size())
		}
	}
	return nil
}
