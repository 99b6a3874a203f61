package label

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
)

// prepare makes a text of a title with one word.
func prepare(word string) *model.Text {
	span := schemas.Span{End: len(word)}
	return &model.Text{
		Body: word, Sections: []schemas.Section{{Kind: schemas.KindTitle, Text: word}},
		Sentences: []schemas.Sentence{{Span: span}}, Words: []model.Word{{Span: span}},
	}
}

// A label is given if its probability reaches its threshold.
func TestAnnotate(t *testing.T) {
	l, err := heads.NewLearner(2, 0, heads.Rates{Bits: 14, Feature: 0.5, Dense: 0.1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		l.Update([]float32{-0.5, 0.5}, nil, features.Labels(nil, prepare("tumour")), nil)
		l.Update([]float32{0.5, 0.5}, nil, features.Labels(nil, prepare("gout")), nil)
	}
	head := &heads.LabelClassifier{
		Labels: []string{"Cancer", "Rare"}, Thresholds: []float32{0.5, 0}, Linear: l.Linear(0),
	}
	stage, err := New(head)
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string][]string{"Tumour": {"Cancer", "Rare"}, "gout": {"Rare"}, "": nil} {
		text := prepare(word)
		if word == "" {
			text.Words = nil
		}
		var a schemas.Annotations
		if err := stage.Annotate(text, model.States{}, &a); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range a.Labels {
			got = append(got, x.Name)
			if !(x.Score >= 0 && x.Score <= 1) {
				t.Errorf("%s: score %v", word, x.Score)
			}
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q: %s", word, diff)
		}
	}
	if _, err := New(&heads.LabelClassifier{Labels: []string{"a"}, Linear: l.Linear(0)}); err == nil {
		t.Error("a head of other labels")
	}
}

func TestProbability(t *testing.T) {
	if p := Probability(float32(math.Log(3))); math.Abs(float64(p)-0.75) > 1e-6 {
		t.Errorf("%v", p)
	}
}
