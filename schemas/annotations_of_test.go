package schemas_test

import (
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/schemas"
)

// inText returns up to n spans of whole characters within a text that begins at byte base, in order
// and without overlap.
func inText(t *rapid.T, text string, base, n int) (spans []schemas.Span) {
	at := 0
	for range rapid.IntRange(0, n).Draw(t, "spans") {
		var ends []int
		for i := range text[at:] {
			ends = append(ends, at+i)
		}
		if len(ends) == 0 {
			break
		}
		start := rapid.SampledFrom(ends).Draw(t, "start")
		_, width := utf8.DecodeRuneInString(text[start:])
		end := start + width
		if rapid.Bool().Draw(t, "long") {
			end = len(text)
		}
		spans = append(spans, schemas.Span{Start: base + start, End: base + end})
		at = end
	}
	return spans
}

// drawAnnotated draws a document with annotations that all become rows.
func drawAnnotated(t *rapid.T) (*schemas.Document, *schemas.Annotations) {
	text := rapid.StringOfN(rapid.RuneFrom([]rune("ab é€𝛽 .")), 0, 12, -1)
	short := rapid.StringOfN(rapid.RuneFrom([]rune("aβ ")), 0, 3, -1)
	score := rapid.Float32Range(0, 1)
	doc := &schemas.Document{PMID: 1, Version: 1}
	for i := range rapid.IntRange(0, 4).Draw(t, "sections") {
		s := schemas.Section{Kind: schemas.KindAbstract, Label: short.Draw(t, "label"), Text: text.Draw(t, "text")}
		if i == 0 {
			s.Kind = schemas.KindTitle
		}
		doc.Sections = append(doc.Sections, s)
	}
	a := &schemas.Annotations{}
	for i, at := range doc.SectionSpans() {
		for _, s := range inText(t, doc.Sections[i].Text, at.Start, 3) {
			a.Sentences = append(a.Sentences, schemas.Sentence{Section: i, Span: s})
			for _, m := range inText(t, doc.Text()[s.Start:s.End], s.Start, 2) {
				a.Mentions = append(a.Mentions, schemas.Mention{
					ID: len(a.Mentions), Section: i, Sentence: len(a.Sentences) - 1, Span: m,
					Type: short.Draw(t, "type"), Score: score.Draw(t, "score"), Concept: short.Draw(t, "concept"),
					ConceptName: short.Draw(t, "name"), ConceptScore: score.Draw(t, "concept score"),
					Method: rapid.SampledFrom([]string{schemas.MethodHead, schemas.MethodGenerated}).Draw(t, "method"),
				})
			}
		}
	}
	supported := func() (list []int32) {
		for i := range a.Sentences {
			if rapid.Bool().Draw(t, "supports") {
				list = append(list, int32(i))
			}
		}
		return list
	}
	for range rapid.IntRange(0, 3).Draw(t, "relations") * min(1, len(a.Mentions)) {
		mention := rapid.IntRange(0, len(a.Mentions)-1)
		var alternatives []schemas.Alternative
		for range rapid.IntRange(0, 2).Draw(t, "alternatives") {
			alternatives = append(
				alternatives, schemas.Alternative{Type: short.Draw(t, "type"), Score: score.Draw(t, "score")},
			)
		}
		a.Relations = append(a.Relations, schemas.Relation{
			Alternatives: alternatives,
			Certainty: rapid.SampledFrom(
				[]string{schemas.Asserted, schemas.Negated, schemas.Speculative},
			).Draw(t, "certainty"),
			Type: short.Draw(t, "type"), Subject: mention.Draw(t, "subject"), Object: mention.Draw(t, "object"),
			Sentence: rapid.IntRange(-1, len(a.Sentences)-1).Draw(t, "sentence"), Score: score.Draw(t, "score"),
			Method: schemas.MethodHead, Evidence: text.Draw(t, "evidence"),
		})
	}
	if rapid.Bool().Draw(t, "vector") {
		a.Vector = []float32{rapid.SampledFrom([]float32{-1, 1}).Draw(t, "value"), 0}
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "others") {
		a.Summaries = append(a.Summaries, schemas.Summary{
			Text: text.Draw(t, "summary"), Method: schemas.MethodExtracted, Sentences: supported(), Score: 1,
		})
		a.Answers = append(a.Answers, schemas.Answer{
			QuestionID: fmt.Sprint(i), Question: text.Draw(t, "question"), Answer: short.Draw(t, "answer"),
			Score: score.Draw(t, "score"), Sentences: supported(), Evidence: text.Draw(t, "evidence"),
		})
		a.Labels = append(a.Labels, schemas.Label{Name: fmt.Sprint(i), Score: score.Draw(t, "score")})
		a.Rejects = append(a.Rejects, schemas.Reject{
			Stage:   rapid.SampledFrom(schemas.Tasks()).Draw(t, "stage"),
			Kind:    rapid.SampledFrom([]string{"not-in-text", "cut-off"}).Draw(t, "kind"),
			Message: short.Draw(t, "message"),
		})
	}
	return doc, a
}

func mustRows(t rapid.TB, doc *schemas.Document, a *schemas.Annotations, from schemas.Provenance) schemas.Rows {
	t.Helper()
	rows, err := schemas.NewRows(doc, a, from)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// The annotations of rows are those from which the rows were made, also for a document with other
// metadata and under another version.
func TestAnnotationsOfInvertsNewRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, a := drawAnnotated(t)
		rows := mustRows(t, doc, a, schemas.Provenance{Unit: "old", Model: "old"})
		revised := *doc
		revised.Version, revised.Citation.Journal = 2, "J"
		got, err := schemas.AnnotationsOf(&revised, &rows)
		if err != nil {
			t.Fatal(err)
		}
		want := *a
		want.Rejects = got.Rejects // whose messages are on one line
		if diff := cmp.Diff(&want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-annotations +of their rows):\n%s", diff)
		}
		if diff := cmp.Diff(
			mustRows(t, &revised, a, from), mustRows(t, &revised, got, from), cmpopts.EquateEmpty(),
		); diff != "" {
			t.Fatalf("(-rows +of the annotations of the old rows):\n%s", diff)
		}
	})
}

// Rows that lack an annotation are refused: a task that reads it might find something else.
func TestAnnotationsOfRejected(t *testing.T) {
	for name, test := range wrongAnnotations() {
		doc := document()
		a := annotations(doc)
		a.Rejects = nil
		test.change(a)
		rows := mustRows(t, doc, a, from)
		if _, err := schemas.AnnotationsOf(doc, &rows); (err != nil) != (len(test.want) > 0) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestAnnotationsOfOtherRows(t *testing.T) {
	for name, change := range map[string]func(*schemas.Document, *schemas.Rows){
		"other text": func(d *schemas.Document, _ *schemas.Rows) { d.Sections[0].Text = "α-catenin" },
		"same text, other sections": func(d *schemas.Document, _ *schemas.Rows) {
			d.Sections = d.Sections[:2]
			d.Sections[1].Text += " Done."
		},
		"other label":          func(d *schemas.Document, _ *schemas.Rows) { d.Sections[1].Label = "" },
		"deleted":              func(d *schemas.Document, _ *schemas.Rows) { d.Deleted = true },
		"no document":          func(_ *schemas.Document, r *schemas.Rows) { r.Documents = nil },
		"tombstone":            func(_ *schemas.Document, r *schemas.Rows) { r.Documents[0].IsDeleted = true },
		"a sentence is lost":   func(_ *schemas.Document, r *schemas.Rows) { r.Sentences = r.Sentences[1:] },
		"a mention is lost":    func(_ *schemas.Document, r *schemas.Rows) { r.Mentions = r.Mentions[1:] },
		"a relation is lost":   func(_ *schemas.Document, r *schemas.Rows) { r.Relations = r.Relations[1:] },
		"span beyond the text": func(_ *schemas.Document, r *schemas.Rows) { r.Sentences[2].DocEnd = 31 },
		"span of other text":   func(_ *schemas.Document, r *schemas.Rows) { r.Mentions[0].DocEnd = 3 },
		"span before the text": func(_ *schemas.Document, r *schemas.Rows) { r.Mentions[0].DocStart = -1 },
		"reject of a record":   func(_ *schemas.Document, r *schemas.Rows) { r.Rejects[0].Record = new(int32(1)) },
	} {
		doc := document()
		rows := mustRows(t, doc, annotations(doc), from)
		change(doc, &rows)
		if a, err := schemas.AnnotationsOf(doc, &rows); err == nil {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestOnly(t *testing.T) {
	made := func() *schemas.Annotations {
		return &schemas.Annotations{
			Sentences: make([]schemas.Sentence, 2),
			Mentions: []schemas.Mention{
				{ID: 0, Type: "a", Method: schemas.MethodGenerated}, {ID: 1, Type: "b", Method: schemas.MethodHead},
				{ID: 2, Type: "c"},
			},
			Relations: []schemas.Relation{{Subject: 0, Object: 2}},
			Summaries: make([]schemas.Summary, 1),
			Answers:   make([]schemas.Answer, 1),
			Labels:    make([]schemas.Label, 1),
			Vector:    []float32{1},
			Rejects:   []schemas.Reject{{Stage: schemas.TaskRelations}, {Stage: schemas.TaskAnswers}},
		}
	}
	for name, test := range map[string]struct {
		tasks []string
		want  func(a *schemas.Annotations)
	}{
		"all": {schemas.Tasks(), func(*schemas.Annotations) {}},
		"none": {nil, func(a *schemas.Annotations) {
			*a = schemas.Annotations{Sentences: a.Sentences}
		}},
		"ner": {[]string{schemas.TaskNER}, func(a *schemas.Annotations) {
			mentions := []schemas.Mention{{ID: 0, Type: "b", Method: schemas.MethodHead}, {ID: 1, Type: "c"}}
			*a = schemas.Annotations{Sentences: a.Sentences, Mentions: mentions}
		}},
		"relations": {[]string{schemas.TaskRelations}, func(a *schemas.Annotations) {
			a.Summaries, a.Answers, a.Labels, a.Vector, a.Rejects = nil, nil, nil, nil, a.Rejects[:1]
		}},
		"answers, summary": {[]string{schemas.TaskAnswers, schemas.TaskSummary}, func(a *schemas.Annotations) {
			a.Mentions, a.Relations, a.Labels, a.Vector, a.Rejects = nil, nil, nil, nil, a.Rejects[1:]
		}},
		"labels": {[]string{schemas.TaskLabels}, func(a *schemas.Annotations) {
			*a = schemas.Annotations{Sentences: a.Sentences, Labels: a.Labels}
		}},
		"vectors": {[]string{schemas.TaskVectors}, func(a *schemas.Annotations) {
			*a = schemas.Annotations{Sentences: a.Sentences, Vector: a.Vector}
		}},
	} {
		got, want := made(), made()
		got.Only(test.tasks...)
		test.want(want)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
