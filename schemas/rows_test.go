package schemas_test

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/schemas"
)

var from = schemas.Provenance{Unit: "u", Model: "m"}

// document has characters of one to four bytes on both sides of every span.
func document() *schemas.Document {
	return &schemas.Document{
		PMID: 7, Version: 2,
		Citation: schemas.Citation{Journal: "J", Language: []string{"eng"}},
		Sections: []schemas.Section{
			{Kind: schemas.KindTitle, Text: "𝛽-catenin"},
			{Kind: schemas.KindAbstract, Label: "AIM", Category: "OBJECTIVE", Text: "Größe of µRNA."},
			{Kind: schemas.KindAbstract, Text: "Done."},
		},
	}
}

// span returns the span of occurrence n, from 0, of a text in a document.
func span(doc *schemas.Document, text string, n int) schemas.Span {
	at := 0
	for ; ; n-- {
		at += strings.Index(doc.Text()[at:], text)
		if n == 0 {
			return schemas.Span{Start: at, End: at + len(text)}
		}
		at += len(text)
	}
}

func annotations(doc *schemas.Document) *schemas.Annotations {
	return &schemas.Annotations{
		Sentences: []schemas.Sentence{
			{Section: 0, Span: span(doc, "𝛽-catenin", 0)},
			{Section: 1, Span: span(doc, "Größe of µRNA.", 0)},
			{Section: 2, Span: span(doc, "Done.", 0)},
		},
		Mentions: []schemas.Mention{
			{ID: 0, Span: span(doc, "𝛽-catenin", 0), Type: "Gene", Score: 0.5},
			{
				ID: 1, Section: 1, Sentence: 1, Span: span(doc, "µRNA", 0), Type: "Gene", Score: 0.25,
				Concept: "C", ConceptName: "N", ConceptScore: 1,
			},
		},
		Relations: []schemas.Relation{
			{
				Type: "Association", Subject: 0, Object: 1, Sentence: -1, Score: 0.5,
				Alternatives: []schemas.Alternative{{Type: "Bind", Score: 0.25}}, Certainty: schemas.Negated,
				Method: schemas.MethodHead, Evidence: "e",
			},
			{Type: "Association", Subject: 1, Object: 1, Sentence: 1},
		},
		Summaries: []schemas.Summary{
			{Text: "Done.", Method: schemas.MethodExtracted, Sentences: []int32{2}, Score: 0.75},
		},
		Answers: []schemas.Answer{
			{QuestionID: "q", Question: "Is it?", Answer: "yes", Score: 1, Sentences: []int32{2}, Evidence: "Done."},
		},
		Labels:  []schemas.Label{{Name: "l", Score: 0.5}},
		Vector:  []float32{0.6, 0.8},
		Rejects: []schemas.Reject{{Stage: "ner", Kind: "too-long", Message: "two\nlines \xff"}},
	}
}

func TestNewRows(t *testing.T) {
	doc := document()
	rows, err := schemas.NewRows(doc, annotations(doc), from)
	if err != nil {
		t.Fatal(err)
	}
	key := schemas.Key{PMID: 7, Version: 2, Unit: "u"}
	sum := sha256.Sum256([]byte("𝛽-catenin Größe of µRNA. Done."))
	want := schemas.Rows{
		Documents: []schemas.DocumentRow{{
			Key: key, Title: "𝛽-catenin", Abstract: "Größe of µRNA. Done.", Citation: doc.Citation,
			Sections: []schemas.SectionRow{
				{Kind: "title", DocStart: 0, DocEnd: 9},
				{Kind: "abstract", Label: "AIM", Category: "OBJECTIVE", DocStart: 10, DocEnd: 24},
				{Kind: "abstract", DocStart: 25, DocEnd: 30},
			},
			TextSHA256: hex.EncodeToString(sum[:]), Source: "pubmed",
		}},
		Sentences: []schemas.SentenceRow{
			{Key: key, Sentence: 0, Section: 0, DocStart: 0, DocEnd: 9, Text: "𝛽-catenin"},
			{Key: key, Sentence: 1, Section: 1, DocStart: 10, DocEnd: 24, Text: "Größe of µRNA."},
			{Key: key, Sentence: 2, Section: 2, DocStart: 25, DocEnd: 30, Text: "Done."},
		},
		Mentions: []schemas.MentionRow{
			{
				Key: key, Mention: 0, Type: "Gene", Text: "𝛽-catenin", DocStart: 0, DocEnd: 9, Score: 0.5,
				Method: "head", Model: "m",
			},
			{
				Key: key, Mention: 1, Type: "Gene", Text: "µRNA", DocStart: 19, DocEnd: 23, Section: 1, Sentence: 1,
				Score:   0.25,
				Concept: "C", ConceptName: "N", ConceptScore: 1, Method: "head", Model: "m",
			},
		},
		Relations: []schemas.RelationRow{
			{
				Key: key, Relation: 0, Type: "Association", Subject: 0, Object: 1, SubjectText: "𝛽-catenin",
				ObjectText:    "µRNA",
				ObjectConcept: "C", Score: 0.5, Method: "head", Evidence: "e", Model: "m",
				Alternatives: []schemas.AlternativeRow{{Type: "Bind", Score: 0.25}}, Certainty: "negated",
			},
			{
				Key: key, Relation: 1, Type: "Association", Subject: 1, Object: 1, SubjectText: "µRNA",
				ObjectText:     "µRNA",
				SubjectConcept: "C", ObjectConcept: "C", Sentence: new(int32(1)), Model: "m",
				Certainty: "asserted",
			},
		},
		Summaries: []schemas.SummaryRow{
			{Key: key, Text: "Done.", Method: "extracted", Sentences: []int32{2}, Score: 0.75, Model: "m"},
		},
		Answers: []schemas.AnswerRow{
			{
				Key: key, QuestionID: "q", Question: "Is it?", Answer: "yes", Score: 1,
				Sentences: []int32{2}, Evidence: "Done.", Model: "m",
			},
		},
		Labels:  []schemas.LabelRow{{Key: key, Label: "l", Score: 0.5, Model: "m"}},
		Vectors: []schemas.VectorRow{{Key: key, Vector: []float32{0.6, 0.8}, Model: "m"}},
		Rejects: []schemas.RejectRow{{Key: key, Stage: "ner", Kind: "too-long", Message: "two lines \uFFFD"}},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Fatal(diff)
	}
}

// Each change turns the row that it affects, and those that refer to it, into rejects, and no
// other.
func TestNewRowsRejects(t *testing.T) {
	for name, test := range wrongAnnotations() {
		doc := document()
		a := annotations(doc)
		a.Rejects = nil
		test.change(a)
		rows, err := schemas.NewRows(doc, a, from)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows.Rejects {
			got = append(got, r.Stage+" "+r.Kind)
			if r.PMID != 7 || r.Record != nil || r.Message == "" {
				t.Errorf("%s: reject row %+v", name, r)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		total := 0
		for _, table := range schemas.Tables() {
			total += table.Len(&rows)
		}
		if total != 1+3+2+2+1+1+1+1 {
			t.Errorf("%s: %d rows in total: a rejected row must give one row of rejects", name, total)
		}
	}
}

// wrongAnnotation is a change of annotations, and the stages and kinds of the rejects that it
// causes.
type wrongAnnotation struct {
	change func(*schemas.Annotations)
	want   []string
}

func wrongAnnotations() map[string]wrongAnnotation {
	nan := float32(math.NaN())
	var (
		third      = []string{"sentences bad-span", "summary bad-reference", "answers bad-reference"}
		mention    = []string{"ner bad-span", "relations bad-reference"}
		secondOnly = []string{"ner bad-span", "relations bad-reference", "relations bad-reference"}
	)
	return map[string]wrongAnnotation{
		"sentence cut": {func(a *schemas.Annotations) { a.Sentences[0].End-- }, nil},
		"sentence inside a character": {
			func(a *schemas.Annotations) { a.Sentences[0].Start++ },
			[]string{"sentences bad-span", "ner bad-reference", "relations bad-reference"},
		},
		"sentence of another section": {func(a *schemas.Annotations) { a.Sentences[2].Section = 1 }, third},
		"no such section":             {func(a *schemas.Annotations) { a.Sentences[2].Section = 3 }, third},
		"sentence before the last":    {func(a *schemas.Annotations) { a.Sentences[2] = a.Sentences[1] }, third},
		"mention past the end":        {func(a *schemas.Annotations) { a.Mentions[1].End += 100 }, secondOnly},
		"mention before the start":    {func(a *schemas.Annotations) { a.Mentions[0].Start = -1 }, mention},
		"empty mention": {
			func(a *schemas.Annotations) { a.Mentions[0].End = a.Mentions[0].Start }, mention,
		},
		"mention in another sentence": {func(a *schemas.Annotations) { a.Mentions[0].Sentence = 1 }, mention},
		"mention id": {
			func(a *schemas.Annotations) { a.Mentions[0].ID = 1 }, []string{"ner bad-id", "relations bad-reference"},
		},
		"mention score": {
			func(a *schemas.Annotations) { a.Mentions[0].Score = nan },
			[]string{"ner bad-score", "relations bad-reference"},
		},
		"relation without an object": {
			func(a *schemas.Annotations) { a.Relations[0].Object = 2 }, []string{"relations bad-reference"},
		},
		"relation without a sentence": {
			func(a *schemas.Annotations) { a.Relations[1].Sentence = 3 }, []string{"relations bad-reference"},
		},
		"relation score": {
			func(a *schemas.Annotations) { a.Relations[1].Score = nan }, []string{"relations bad-score"},
		},
		"evidence not text": {
			func(a *schemas.Annotations) { a.Relations[1].Evidence = "\xff" }, []string{"relations bad-text"},
		},
		"alternative without a score": {
			func(a *schemas.Annotations) { a.Relations[0].Alternatives[0].Score = nan },
			[]string{"relations bad-score"},
		},
		"unknown certainty": {
			func(a *schemas.Annotations) { a.Relations[1].Certainty = "maybe" }, []string{"relations bad-certainty"},
		},
		"relation of itself": {func(a *schemas.Annotations) { a.Relations[0].Object = 0 }, nil},
		"summary score": {
			func(a *schemas.Annotations) { a.Summaries[0].Score = nan }, []string{"summary bad-score"},
		},
		"label score": {
			func(a *schemas.Annotations) { a.Labels[0].Score = nan }, []string{"labels bad-score"},
		},
		"label not text": {
			func(a *schemas.Annotations) { a.Labels[0].Name = "\xff" }, []string{"labels bad-text"},
		},
		"vector of no number": {
			func(a *schemas.Annotations) { a.Vector[0] = nan }, []string{"vectors bad-score"},
		},
		"summary without a sentence": {
			func(a *schemas.Annotations) { a.Summaries[0].Sentences[0] = -1 }, []string{"summary bad-reference"},
		},
		"summary not text": {
			func(a *schemas.Annotations) { a.Summaries[0].Text = "\xff" }, []string{"summary bad-text"},
		},
		"summary of all three": {func(a *schemas.Annotations) { a.Summaries[0].Sentences = []int32{0, 1, 2} }, nil},
		"answer score": {
			func(a *schemas.Annotations) { a.Answers[0].Score = nan }, []string{"answers bad-score"},
		},
		"answer not text": {
			func(a *schemas.Annotations) { a.Answers[0].Answer = "\xff" }, []string{"answers bad-text"},
		},
		"answer without a sentence": {
			func(a *schemas.Annotations) { a.Answers[0].Sentences[0] = 3 }, []string{"answers bad-reference"},
		},
	}
}

func TestNewRowsOfBadDocument(t *testing.T) {
	for kind, change := range map[string]func(*schemas.Document){
		"bad-version":  func(d *schemas.Document) { d.Version = 0 },
		"bad-pmid":     func(d *schemas.Document) { d.PMID = 0 },
		"bad-sections": func(d *schemas.Document) { d.Sections[1].Kind = schemas.KindTitle },
		"bad-text":     func(d *schemas.Document) { d.Sections[1].Text = "\xff" },
	} {
		doc := document()
		a := annotations(doc)
		change(doc)
		rows, err := schemas.NewRows(doc, a, from)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows.Rejects) != 1 || rows.Rejects[0].Kind != kind {
			t.Errorf("%s: rejects %+v", kind, rows.Rejects)
		}
		rows.Rejects = nil
		if diff := cmp.Diff(schemas.Rows{}, rows); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
	doc := document()
	doc.PMID, doc.Version = math.MaxUint32, math.MaxInt16+1
	rows, err := schemas.NewRows(doc, nil, from)
	if err != nil || len(rows.Rejects) != 1 || rows.Rejects[0].PMID != 0 || rows.Rejects[0].Version != 0 {
		t.Errorf("identifiers that do not fit: %+v, error %v", rows, err)
	}
}

func TestNewRowsOfCaller(t *testing.T) {
	if _, err := schemas.NewRows(nil, nil, from); err == nil {
		t.Error("no document: no error")
	}
	if _, err := schemas.NewRows(document(), nil, schemas.Provenance{}); err == nil {
		t.Error("no unit: no error")
	}
}

func TestTombstone(t *testing.T) {
	rows, err := schemas.NewRows(&schemas.Document{PMID: 9, Version: 1, Deleted: true}, nil, from)
	if err != nil {
		t.Fatal(err)
	}
	want := schemas.Rows{
		Documents: []schemas.DocumentRow{
			{Key: schemas.Key{PMID: 9, Version: 1, Unit: "u"}, IsDeleted: true, Source: "pubmed"},
		},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
}

func TestRejectRows(t *testing.T) {
	bad := &schemas.Reject{PMID: 3, Version: 1, Record: 0, Stage: "decode", Kind: "malformed-xml", Message: "no end"}
	want := schemas.Rows{Rejects: []schemas.RejectRow{{
		Key: schemas.Key{
			PMID: 3, Version: 1, Unit: "u",
		}, Record: new(int32(0)), Stage: "decode", Kind: "malformed-xml", Message: "no end",
	}}}
	if diff := cmp.Diff(want, schemas.RejectRows(bad, from)); diff != "" {
		t.Error(diff)
	}
}

// Whatever the spans are, a row agrees with title + " " + abstract in code points, and nothing is
// lost.
func TestRowsAgreeWithText(t *testing.T) {
	text := rapid.StringOfN(rapid.RuneFrom([]rune("ab é€𝛽 .")), 0, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		doc := &schemas.Document{PMID: 1, Version: 1, Sections: []schemas.Section{
			{Kind: schemas.KindTitle, Text: text.Draw(t, "title")},
			{Kind: schemas.KindAbstract, Text: text.Draw(t, "first")},
			{Kind: schemas.KindAbstract, Text: text.Draw(t, "second")},
		}}
		offset := rapid.IntRange(-2, len(doc.Text())+2)
		a := &schemas.Annotations{}
		for i, s := range doc.SectionSpans() {
			a.Sentences = append(a.Sentences, schemas.Sentence{Section: i, Span: s})
		}
		for i := range 4 {
			section := rapid.IntRange(0, 2).Draw(t, "section")
			a.Mentions = append(a.Mentions, schemas.Mention{
				ID: i, Section: section, Sentence: section,
				Span: schemas.Span{Start: offset.Draw(t, "start"), End: offset.Draw(t, "end")},
			})
		}
		rows, err := schemas.NewRows(doc, a, from)
		if err != nil {
			t.Fatal(err)
		}
		d := rows.Documents[0]
		points := []rune(d.Title + " " + d.Abstract)
		for _, m := range rows.Mentions {
			if got := string(points[m.DocStart:m.DocEnd]); got != m.Text ||
				m.Text != doc.Text()[a.Mentions[m.Mention].Start:a.Mentions[m.Mention].End] {
				t.Errorf("mention %+v is at %q", m, got)
			}
		}
		for _, s := range rows.Sentences {
			if got := string(points[s.DocStart:s.DocEnd]); got != s.Text {
				t.Errorf("sentence %+v is at %q", s, got)
			}
		}
		for i, s := range d.Sections {
			if got := string(points[s.DocStart:s.DocEnd]); got != doc.Sections[i].Text {
				t.Errorf("section %+v is at %q", s, got)
			}
		}
		if n := len(rows.Sentences) + len(rows.Mentions) + len(rows.Rejects); n != len(a.Sentences)+len(a.Mentions) {
			t.Errorf("%d annotations gave %d rows", len(a.Sentences)+len(a.Mentions), n)
		}
	})
}

func TestAppend(t *testing.T) {
	doc := document()
	one, err := schemas.NewRows(doc, annotations(doc), from)
	if err != nil {
		t.Fatal(err)
	}
	var all schemas.Rows
	all.Append(schemas.Rows{})
	if diff := cmp.Diff(schemas.Rows{}, all, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	all.Append(one)
	all.Append(one)
	for _, table := range schemas.Tables() {
		if got, want := table.Len(&all), 2*table.Len(&one); got != want {
			t.Errorf("%s: %d rows, want %d", table.Name, got, want)
		}
	}
}
