package eval_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/eval"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/schemas"
)

// Relations join mentions, so task ner is added; questions are asked only of a model that answers.
func TestOpen(t *testing.T) {
	for _, c := range []struct {
		tasks, want []string
		asks        bool
	}{
		{[]string{"relations"}, []string{"ner", "relations"}, false},
		{[]string{"summary"}, []string{"summary"}, false},
		{[]string{"linking"}, []string{"ner", "linking"}, false},
		{nil, []string{"ner", "linking", "relations", "summary", "answers"}, true},
	} {
		m, components, err := eval.Open(catalog.Bundled, c.tasks, "cpu")
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, task := range m.Tasks {
			names = append(names, task.Name())
		}
		if !slices.Equal(names, c.want) || (m.Ask != nil) != c.asks {
			t.Errorf("%v: tasks %v, asks %v", c.tasks, names, m.Ask != nil)
		}
		components.Close()
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct {
		model string
		tasks []string
	}{{"nowhere", nil}, {catalog.Bundled, []string{"poetry"}}, {catalog.Bundled, []string{"ner", "poetry"}}} {
		var request *jobs.RequestError
		if _, _, err := eval.Open(c.model, c.tasks, "cpu"); !errors.As(err, &request) {
			t.Errorf("%s, %v: %v", c.model, c.tasks, err)
		}
	}
}

// The trunk of the bundled model predicts masked words.
func TestLanguageModel(t *testing.T) {
	dir, err := catalog.Find(catalog.Bundled)
	if err != nil {
		t.Fatal(err)
	}
	m, err := eval.OpenLanguageModel(dir, "cpu")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var docs []*schemas.Document
	for _, text := range []string{"Aspirin reduces the risk of stroke.", "The patients were treated with metformin."} {
		docs = append(docs, &schemas.Document{Sections: []schemas.Section{{Kind: schemas.KindAbstract, Text: text}}})
	}
	for _, name := range []string{"one", "two"} {
		if err := m.Measure(t.Context(), name, docs); err != nil {
			t.Fatal(err)
		}
	}
	results := m.Results()
	if len(results) != 2 || results[1].Data != "two" || results[0].Documents != 2 || results[0].Word != 0 ||
		math.Abs(results[0].Token-math.Exp(results[0].Loss)) > 0.01*results[0].Token {
		t.Errorf("%+v", results)
	}
	if m.Attention != "bidirectional" || m.Backend == "" {
		t.Errorf("attention %s, backend %q", m.Attention, m.Backend)
	}
	var table bytes.Buffer
	if err := m.Write(&table); err != nil || strings.Count(table.String(), "\n") != 5 ||
		!strings.Contains(table.String(), "| all ") {
		t.Errorf("%v\n%s", err, table.String())
	}
}
