package trees

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/weightstest"
)

var nan = float32(math.NaN())

// stumps is two trees of depth 2 over two columns.
func stumps() *Forest {
	return &Forest{
		Columns: 2, Depth: 2, Prior: -1,
		Feature:   []int32{0, ^1, 1, 1, 0, 0},
		Threshold: []float32{0.5, 0, 2, 1, math.MaxFloat32, math.MaxFloat32},
		Leaf:      []float32{1, 2, 3, 4, 10, 0, 20, 0},
	}
}

func TestScore(t *testing.T) {
	f := stumps()
	for _, c := range []struct {
		row  []float32
		want float32
	}{
		{[]float32{0.5, 0}, -1 + 1 + 10}, // a value equal to a threshold goes to the left
		{[]float32{0, 0.1}, -1 + 2 + 10},
		{[]float32{1, 2}, -1 + 3 + 20},
		{[]float32{1, 3}, -1 + 4 + 20},
		{[]float32{nan, -1}, -1 + 1 + 10},  // missing: to the left
		{[]float32{nan, nan}, -1 + 2 + 10}, // column 1 in the first tree: to the right
	} {
		if got := f.Score(c.row); got != c.want {
			t.Errorf("score of %v: %v, want %v", c.row, got, c.want)
		}
	}
}

// drawForest draws a forest that passes Check.
func drawForest(t *rapid.T) *Forest {
	f := &Forest{
		Columns: rapid.IntRange(1, 5).Draw(t, "columns"), Depth: rapid.IntRange(1, 4).Draw(t, "depth"),
		Prior: rapid.Float32Range(-5, 5).Draw(t, "prior"),
	}
	for range rapid.IntRange(0, 4).Draw(t, "trees") {
		for range 1<<f.Depth - 1 {
			f.Feature = append(f.Feature, rapid.Int32Range(int32(-f.Columns), int32(f.Columns-1)).Draw(t, "feature"))
			f.Threshold = append(f.Threshold, rapid.Float32Range(-3, 3).Draw(t, "threshold"))
		}
		for range 1 << f.Depth {
			f.Leaf = append(f.Leaf, rapid.Float32Range(-1, 1).Draw(t, "leaf"))
		}
	}
	return f
}

func drawRow(t *rapid.T, n int) []float32 {
	return rapid.SliceOfN(rapid.OneOf(rapid.Float32Range(-4, 4), rapid.Just(nan)), n, n).Draw(t, "row")
}

// The score is the sum of those of the trees, and does not change with a column's scale.
func TestScoreProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawForest(t)
		row := drawRow(t, f.Columns)
		want := f.Prior
		for i := range f.Trees() {
			inner := 1<<f.Depth - 1
			one := &Forest{
				Columns: f.Columns, Depth: f.Depth, Feature: f.Feature[i*inner : (i+1)*inner],
				Threshold: f.Threshold[i*inner : (i+1)*inner], Leaf: f.Leaf[i*(inner+1) : (i+1)*(inner+1)],
			}
			want += one.Score(row)
		}
		if got := f.Score(row); got != want {
			t.Errorf("score %v, the trees add up to %v", got, want)
		}
		for i := range row {
			row[i] *= 4
		}
		for i := range f.Threshold {
			f.Threshold[i] *= 4
		}
		if got := f.Score(row); got != want {
			t.Errorf("score %v after scaling, %v before", got, want)
		}
	})
}

func write(t interface{ Fatal(...any) }, tensors []weights.Tensor) *weights.File {
	var b bytes.Buffer
	if err := weights.Write(&b, tensors, nil); err != nil {
		t.Fatal(err)
	}
	file, err := weightstest.Open(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawForest(t)
		file := write(t, want.Tensors("a."))
		if !Has(file, "a.") || Has(file, "b.") {
			t.Error("the forest is not found by its prefix")
		}
		got, err := Read(file, "a.")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Tensors(""), got.Tensors("")); diff != "" || got.Columns != want.Columns {
			t.Errorf("(-written +read):\n%s", diff)
		}
	})
}

func TestReadRefuses(t *testing.T) {
	for _, c := range []struct {
		name, want string
		change     func(f *Forest)
	}{
		{"no such column", "reads column 2 of 2", func(f *Forest) { f.Feature[1] = 2 }},
		{"no such column, missing to the right", "reads column 5 of 2", func(f *Forest) { f.Feature[1] = ^5 }},
		{"leaves without nodes", "are not those of trees", func(f *Forest) {
			f.Feature, f.Threshold = f.Feature[:3], f.Threshold[:3]
		}},
		{"no columns", "a prior of [-1 0]", func(f *Forest) { f.Columns = 0 }},
	} {
		f := stumps()
		c.change(f)
		tensors := f.Tensors("x.")
		for i := range tensors {
			if shape := tensors[i].Shape; len(shape) == 2 {
				shape[0] = len(tensors[i].Data) / 4 / shape[1]
			}
		}
		_, err := Read(write(t, tensors), "x.")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
	if _, err := Read(write(t, nil), "x."); err == nil {
		t.Error("an empty file holds a forest")
	}
	for depth, want := range map[int]string{0: "depth 0", MaxDepth + 1: "depth 11"} {
		f := &Forest{Columns: 1, Depth: depth}
		if err := f.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("depth %d: %v", depth, err)
		}
	}
	f := stumps()
	f.Threshold[2] = nan
	if f.Check() == nil {
		t.Error("a threshold that is not a number passes")
	}
}

// A file that Read accepts can be scored, whatever it holds.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := weights.Write(&b, stumps().Tensors(""), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := weightstest.Open(data)
		if err != nil {
			return
		}
		forest, err := Read(file, "")
		if err != nil {
			return
		}
		row := make([]float32, forest.Columns)
		forest.Score(row)
		for i := range row {
			row[i] = nan
		}
		forest.Score(row)
	})
}
