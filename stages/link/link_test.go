package link_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/linker"
	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/link"
)

// bundled opens a linker with the bundled vocabulary and no training set.
var bundled = sync.OnceValues(func() (*linker.Linker, error) {
	v, err := vocabulary.Open(vocabulary.Bundled)
	if err != nil {
		return nil, err
	}
	return linker.New(v, linker.NewHead(v, linker.Names{})), nil
})

func text(body string) *model.Text {
	return &model.Text{Body: body, Sentences: []schemas.Sentence{{Span: schemas.Span{End: len(body)}}}}
}

// All mentions of a name get its concept, whatever the order of the mentions, and nothing else
// changes.
func TestAnnotate(t *testing.T) {
	body := "aspirin and Aspirin, but nothing"
	a := schemas.Annotations{Mentions: []schemas.Mention{
		{ID: 0, Type: "Chemical", Span: schemas.Span{Start: 12, End: 19}, Score: 0.5},
		{ID: 1, Type: "Chemical", Span: schemas.Span{Start: 0, End: 7}, Score: 0.5},
		{
			ID:           2,
			Type:         "Chemical",
			Span:         schemas.Span{Start: 25, End: 32},
			Concept:      "old",
			ConceptName:  "old",
			ConceptScore: 1,
		},
	}}
	if err := link.New(bundled).Annotate(text(body), model.States{}, &a); err != nil {
		t.Fatal(err)
	}
	for i, m := range a.Mentions[:2] {
		if m.Concept != "MESH:D001241" || m.ConceptName != "Aspirin" || m.ConceptScore <= 0 || m.ID != i ||
			m.Score != 0.5 {
			t.Errorf("%+v", m)
		}
	}
	if m := a.Mentions[2]; m.Concept != "" || m.ConceptName != "" || m.ConceptScore != 0 {
		t.Errorf("%+v", m)
	}
}

// A linker that cannot be opened is an error, but only where there is something to link.
func TestOpenFails(t *testing.T) {
	broken := errors.New("no vocabulary")
	stage := link.New(func() (*linker.Linker, error) { return nil, broken })
	if err := stage.Annotate(text("x"), model.States{}, &schemas.Annotations{}); err != nil {
		t.Error(err)
	}
	a := schemas.Annotations{Mentions: []schemas.Mention{{Span: schemas.Span{End: 1}}}}
	if err := stage.Annotate(text("x"), model.States{}, &a); !errors.Is(err, broken) {
		t.Error(err)
	}
	if stage.Name() != schemas.TaskLinking || stage.ReadsStates() {
		t.Error(stage.Name(), stage.ReadsStates())
	}
}
