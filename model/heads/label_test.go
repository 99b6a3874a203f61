package heads

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLabelClassifierRoundTrip(t *testing.T) {
	l, err := NewLearner(2, 0, Rates{Bits: 8, Feature: 0.5, Dense: 0.1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	l.Update([]float32{1, -1}, nil, []uint32{1 << 30}, nil)
	want := &LabelClassifier{Labels: []string{"a", "b"}, Thresholds: []float32{0.5, 0.25}, Linear: l.Linear(0)}
	tensors, metadata, err := want.Tensors()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadLabels(write(t, tensors, metadata))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Table{})); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
	if _, err := ReadLabels(write(t, tensors, nil)); err == nil {
		t.Error("read without metadata")
	}
	if _, err := ReadLabels(write(t, nil, metadata)); err == nil {
		t.Error("read without tensors")
	}
	for name, bad := range map[string]LabelClassifier{
		"labels":     {Labels: []string{"a"}, Thresholds: want.Thresholds, Linear: want.Linear},
		"thresholds": {Labels: want.Labels, Thresholds: want.Thresholds[:1], Linear: want.Linear},
		"states":     {Labels: want.Labels, Thresholds: want.Thresholds, Linear: &Linear{Labels: 2, Dim: 3}},
	} {
		if bad.Check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
