package linking

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/model/linker"
	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/text"
)

// documents are texts about the genes of mice and of humans, with the species as it was found.
func documents(n int) (samples []Sample) {
	for i := range n {
		species, gene, id := "mice", "BRCA1", "12189"
		if i%2 == 1 {
			species, gene, id = "patients", "BRCA1", "672"
		}
		body := fmt.Sprintf("Report %d: %s in %s with acute heart failure", i, gene, species)
		at := func(s string) schemas.Span {
			start := len(body)
			for start = range body {
				if body[start:min(len(body), start+len(s))] == s {
					break
				}
			}
			return schemas.Span{Start: start, End: start + len(s)}
		}
		e := dataset.Example{
			Doc:   &schemas.Document{Sections: []schemas.Section{{Kind: schemas.KindTitle, Text: body}}},
			Types: []string{dataset.Gene, dataset.Disease},
			Gold: schemas.Annotations{Mentions: []schemas.Mention{
				{Type: dataset.Gene, Concept: id, Span: at(gene)},
				{ID: 1, Type: dataset.Disease, Concept: "D006333", Span: at("acute heart failure")},
			}},
		}
		samples = append(samples, Sample{
			Example: e, Text: text.Sentences{}.Prepare(e.Doc),
			Found: []schemas.Mention{{ID: 2, Type: dataset.Species, Span: at(species)}},
		})
	}
	return samples
}

// The head learns names, and that a gene is of the species that the text mentions.
func TestTrain(t *testing.T) {
	v, err := vocabulary.Open(vocabulary.Bundled)
	if err != nil {
		t.Fatal(err)
	}
	all := documents(80)
	o := Defaults()
	o.Trees.Trees = 30
	head, err := Train(t.Context(), v, all[:60], o)
	if err != nil {
		t.Fatal(err)
	}
	l, right := linker.New(v, head), 0
	for _, s := range all[60:] {
		d := linker.NewDocument(s.Text, s.Mentions())
		for i, link := range l.Link(d) {
			m := d.Entities[i].Mentions[0]
			if link.ID == linker.Canonical(v, m.Type, m.Concept) && s.Example.Annotates(m.Type) {
				right++
			}
		}
	}
	if right != 40 {
		t.Errorf("%d of 40 entities right", right)
	}
	again, err := Train(t.Context(), v, all[:60], o)
	if err != nil {
		t.Fatal(err)
	}
	a, _, errA := head.Tensors()
	b, _, errB := again.Tensors()
	if diff := cmp.Diff(a, b); diff != "" || errA != nil || errB != nil {
		t.Errorf("trained twice: %v, %v\n%s", errA, errB, diff)
	}
}

func TestCalibrate(t *testing.T) {
	var all []outcome
	for i := range 1000 { // of the log-odds 1, 62% are right
		all = append(
			all,
			outcome{score: 1, right: i%100 < 62, weight: 1},
			outcome{score: -1, right: i%100 < 38, weight: 1},
		)
	}
	scale, shift := calibrate(all)
	if scale < 0.4 || scale > 0.6 || shift < -0.05 || shift > 0.05 {
		t.Errorf("scale %v, shift %v", scale, shift)
	}
}

// Concepts that are right in 3 of 10 cases are not given where others are right in 9 of 10.
func TestThreshold(t *testing.T) {
	var all []outcome
	for i := range 1000 {
		all = append(all, outcome{2.2, i%10 < 9, 1}, outcome{-0.85, i%10 < 3, 1}) // log-odds
	}
	if least := threshold(all, 1, 0, 1200); least < 0.3 || least > 0.6 {
		t.Errorf("threshold %v", least)
	}
}
