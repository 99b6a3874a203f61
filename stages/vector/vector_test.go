package vector

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// The vector of any states has length 1 and the direction of their mean.
func TestAnnotate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dim, n := rapid.IntRange(1, 5).Draw(t, "dim"), rapid.IntRange(0, 4).Draw(t, "tokens")
		text := &model.Text{Tokens: make([]model.Token, n)}
		states := model.States{Dim: dim, Data: rapid.SliceOfN(rapid.Float32Range(-9, 9), n*dim, n*dim).Draw(t, "data")}
		var a schemas.Annotations
		if err := (Stage{}).Annotate(text, states, &a); err != nil {
			t.Fatal(err)
		}
		mean := make([]float64, dim)
		for i := range n {
			for j, x := range states.Row(i) {
				mean[j] += float64(x) / float64(n)
			}
		}
		var own, dot, square float64
		for j, x := range a.Vector {
			own, dot, square = own+float64(x)*float64(x), dot+float64(x)*mean[j], square+mean[j]*mean[j]
		}
		if a.Vector == nil {
			for _, x := range mean {
				if math.Abs(x) > 1e-9 {
					t.Fatalf("no vector for the mean %v", mean)
				}
			}
			return
		}
		if len(a.Vector) != dim || math.Abs(own-1) > 1e-5 || math.Abs(dot-math.Sqrt(square)) > 1e-5*(1+dot) {
			t.Fatalf("%v for the mean %v", a.Vector, mean)
		}
	})
}

// States of another number of tokens are an error.
func TestAnnotateOtherStates(t *testing.T) {
	text := &model.Text{Tokens: make([]model.Token, 2)}
	for _, s := range []model.States{{}, {Dim: 2, Data: make([]float32, 2)}} {
		if err := (Stage{}).Annotate(text, s, &schemas.Annotations{}); err == nil {
			t.Errorf("%+v: no error", s)
		}
	}
}
