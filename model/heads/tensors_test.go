package heads

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/weightstest"
)

func write(t *testing.T, tensors []weights.Tensor, metadata map[string]string) *weights.File {
	t.Helper()
	var b bytes.Buffer
	if err := weights.Write(&b, tensors, metadata); err != nil {
		t.Fatal(err)
	}
	f, err := weightstest.Open(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func testTagger(t *testing.T, dim int) *Tagger {
	t.Helper()
	l, _ := train(t, dim)
	crf := NewCRF(1)
	copy(crf.Transitions, []float32{1, 2, 0, 4, 5, 6, 7, 8, 9})
	copy(crf.Start, []float32{3, 2, 0})
	tagger, err := NewTagger([]string{"Chemical"}, l.Linear(0), crf)
	if err != nil {
		t.Fatal(err)
	}
	return tagger
}

func TestTaggerRoundTrip(t *testing.T) {
	for _, dim := range []int{0, 8} {
		want := testTagger(t, dim)
		if dim > 0 {
			want.Repeat = []float32{2}
		}
		tensors, metadata, err := want.Tensors()
		if err != nil {
			t.Fatal(err)
		}
		f := write(t, tensors, metadata)
		if !HasTagger(f) {
			t.Error("no tagger in the file")
		}
		got, err := ReadTagger(f)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(Table{})); diff != "" {
			t.Errorf("dim %d (-written +read):\n%s", dim, diff)
		}
	}
}

func TestReadTaggerRefuses(t *testing.T) {
	for _, c := range []struct {
		name, want string
		change     func(tensors map[string]weights.Tensor, metadata map[string]string)
	}{
		{"no bias", "head.ner.bias", func(x map[string]weights.Tensor,
			_ map[string]string) {
			delete(x, "head.ner.bias")
		}},
		{"no types", "types", func(_ map[string]weights.Tensor, m map[string]string) { delete(m, typesKey) }},
		{"two types", "2 types", func(_ map[string]weights.Tensor, m map[string]string) { m[typesKey] = `["A","B"]` }},
		{"rows missing", "weights for", func(x map[string]weights.Tensor, _ map[string]string) {
			x["head.ner.rows"] = weights.Tensor{Name: "head.ner.rows", DType: weights.I8, Shape: []int{0, 3}}
		}},
		{"float rows", "instead of U64 and I8", func(x map[string]weights.Tensor, _ map[string]string) {
			x["head.ner.rows"] = weights.FromFloat32s("head.ner.rows", []float32{1, 2, 3}, 1, 3)
		}},
		{"flat dense", "dimensions", func(x map[string]weights.Tensor, _ map[string]string) {
			x["head.ner.dense"] = weights.FromFloat32s("head.ner.dense", []float32{1, 2, 3}, 3)
		}},
		{"other dense", "dense weights", func(x map[string]weights.Tensor, _ map[string]string) {
			x["head.ner.dense"] = weights.FromFloat32s("head.ner.dense", []float32{1, 2, 3, 4}, 1, 4)
		}},
		{"short start", "start", func(x map[string]weights.Tensor, _ map[string]string) {
			x["head.ner.start"] = weights.FromFloat32s("head.ner.start", []float32{1, 2}, 2)
		}},
	} {
		tensors, metadata, err := testTagger(t, 8).Tensors()
		if err != nil {
			t.Fatal(err)
		}
		byName := map[string]weights.Tensor{}
		for _, x := range tensors {
			byName[x.Name] = x
		}
		c.change(byName, metadata)
		tensors = nil
		for _, x := range byName {
			tensors = append(tensors, x)
		}
		if _, err := ReadTagger(write(t, tensors, metadata)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that says %q", c.name, err, c.want)
		}
	}
}

// Whatever a file holds, reading a head gives an error or a head that can be used.
func FuzzReadTagger(f *testing.F) {
	crf := NewCRF(1)
	head := &Linear{
		Labels: 3, Dim: 1, Bias: make([]float32, 3), Dense: make([]float32, 3),
		Table: quantise([]float32{191: 1}, 3, 6, 0),
	}
	tensors, metadata, err := (&Tagger{Types: []string{"Gene"}, Linear: head, CRF: crf}).Tensors()
	if err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if err := weights.Write(&b, tensors, metadata); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := weightstest.Open(data)
		if err != nil {
			return
		}
		tagger, err := ReadTagger(file)
		if err != nil {
			return
		}
		scores := make([]float32, 2*tagger.Linear.Labels)
		for i := range 2 {
			tagger.Linear.Score(
				scores[i*tagger.Linear.Labels:(i+1)*tagger.Linear.Labels], nil, []uint32{0, 1 << 26, 1<<32 - 1},
			)
		}
		for k := range tagger.Types {
			tagger.CRF.Mentions(new(Chain), scores, k)
		}
	})
}
