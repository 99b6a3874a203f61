package model_test

import (
	"testing"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

func TestSentenceAt(t *testing.T) {
	text := &model.Text{
		Sentences: []schemas.Sentence{{Span: schemas.Span{Start: 0, End: 4}}, {Span: schemas.Span{Start: 5, End: 9}}},
	}
	for at, want := range map[int]int{0: 0, 3: 0, 4: 0, 5: 1, 20: 1} {
		if got := text.SentenceAt(at); got != want {
			t.Errorf("SentenceAt(%d) = %d, want %d", at, got, want)
		}
	}
}
