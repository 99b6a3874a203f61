package schemas_test

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/schemas"
)

// Whatever the annotations, the rows that NewRows makes of them have no errors.
func TestCheckAcceptsNewRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, a := drawAnnotated(t)
		for i := range a.Answers {
			a.Summaries[i].Text += string(rune('a' + i)) // the same summary twice is an error
		}
		for i := range a.Mentions { // some do not become rows
			if rapid.IntRange(0, 4).Draw(t, "bad") == 0 {
				a.Mentions[i].End = rapid.IntRange(-1, len(doc.Text())+1).Draw(t, "end")
			}
		}
		rows := mustRows(t, doc, a, from)
		if got := rows.Check(); len(got) > 0 {
			t.Errorf("%+v", got)
		}
	})
}

// Each change of a row that can be seen without the input is seen, in the table that has it.
func TestCheckFindsWrongRows(t *testing.T) {
	for name, test := range map[string]struct {
		table  string
		change func(r *schemas.Rows)
	}{
		"no document": {"documents", func(r *schemas.Rows) { r.Documents = nil }},
		"document twice": {"documents", func(r *schemas.Rows) {
			r.Documents = append(r.Documents, r.Documents[0])
		}},
		"no pmid":             {"documents", func(r *schemas.Rows) { r.Documents[0].PMID = 0 }},
		"other title":         {"documents", func(r *schemas.Rows) { r.Documents[0].Title = "x" }},
		"other digest":        {"documents", func(r *schemas.Rows) { r.Documents[0].TextSHA256 = "" }},
		"tombstone with text": {"documents", func(r *schemas.Rows) { r.Documents[0].IsDeleted = true }},
		"section is lost": {"documents", func(r *schemas.Rows) {
			r.Documents[0].Sections = r.Documents[0].Sections[:2]
		}},
		"no sections":       {"documents", func(r *schemas.Rows) { r.Documents[0].Sections = nil }},
		"section is moved":  {"documents", func(r *schemas.Rows) { r.Documents[0].Sections[1].DocStart++ }},
		"section is longer": {"documents", func(r *schemas.Rows) { r.Documents[0].Sections[2].DocEnd += 9 }},
		"sentence twice": {"sentences", func(r *schemas.Rows) {
			r.Sentences = slices.Insert(r.Sentences, 1, r.Sentences[0])
		}},
		"sentence is moved":       {"sentences", func(r *schemas.Rows) { r.Sentences[1].DocStart++ }},
		"sentence in no section":  {"sentences", func(r *schemas.Rows) { r.Sentences[1].Section = 3 }},
		"sentence before the one": {"sentences", func(r *schemas.Rows) { r.Sentences[1].DocEnd = -1 }},
		"mention twice": {"mentions", func(r *schemas.Rows) {
			r.Mentions = slices.Insert(r.Mentions, 1, r.Mentions[0])
		}},
		"mention is moved": {"mentions", func(r *schemas.Rows) {
			r.Mentions[1].DocStart--
			r.Mentions[1].DocEnd--
		}},
		"mention of other text":   {"mentions", func(r *schemas.Rows) { r.Mentions[1].Text = "mRNA" }},
		"mention beyond the text": {"mentions", func(r *schemas.Rows) { r.Mentions[1].DocEnd = 1 << 30 }},
		"mention in no sentence":  {"mentions", func(r *schemas.Rows) { r.Mentions[1].Sentence = 7 }},
		"mention elsewhere":       {"mentions", func(r *schemas.Rows) { r.Mentions[1].Sentence = 2 }},
		"relation twice": {"relations", func(r *schemas.Rows) {
			r.Relations = slices.Insert(r.Relations, 1, r.Relations[0])
		}},
		"relation of no mention":  {"relations", func(r *schemas.Rows) { r.Relations[0].Object = 5 }},
		"relation of other text":  {"relations", func(r *schemas.Rows) { r.Relations[0].ObjectText = "x" }},
		"relation in no sentence": {"relations", func(r *schemas.Rows) { r.Relations[1].Sentence = new(int32(9)) }},
		"summary twice": {"summaries", func(r *schemas.Rows) {
			r.Summaries = append(r.Summaries, r.Summaries[0])
		}},
		"label twice":            {"labels", func(r *schemas.Rows) { r.Labels = append(r.Labels, r.Labels[0]) }},
		"long vector":            {"vectors", func(r *schemas.Rows) { r.Vectors[0].Vector[0] = 1 }},
		"vector of no number":    {"vectors", func(r *schemas.Rows) { r.Vectors[0].Vector[0] = float32(math.NaN()) }},
		"two vectors":            {"vectors", func(r *schemas.Rows) { r.Vectors = append(r.Vectors, r.Vectors[0]) }},
		"summary of no sentence": {"summaries", func(r *schemas.Rows) { r.Summaries[0].Sentences[0] = -1 }},
		"answer twice":           {"answers", func(r *schemas.Rows) { r.Answers = append(r.Answers, r.Answers[0]) }},
		"answer of no sentence":  {"answers", func(r *schemas.Rows) { r.Answers[0].Sentences[0] = 3 }},
		"mentions are lost":      {"relations", func(r *schemas.Rows) { r.Mentions = nil }},
	} {
		doc := document()
		rows := mustRows(t, doc, annotations(doc), from)
		if got := rows.Check(); len(got) > 0 {
			t.Fatalf("before: %+v", got)
		}
		test.change(&rows)
		got := rows.Check()
		if !slices.ContainsFunc(got, func(e schemas.RowError) bool { return e.Table == test.table }) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
