package triples

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/schemas"
)

// doc is a document for a test: mentions, and relations between two of them.
type doc struct {
	documentColumns
	mentions  []mentionColumns
	relations []relationColumns
}

func chemical(text, concept, name string) mentionColumns {
	return mentionColumns{Type: "Chemical", Text: text, Concept: concept, ConceptName: name}
}

func disease(text string) mentionColumns { return mentionColumns{Type: "Disease", Text: text} }

func relates(typ string, subject, object int32, score float32) relationColumns {
	return relationColumns{Type: typ, Subject: subject, Object: object, Score: score, Method: schemas.MethodHead}
}

// collect aggregates documents, the first of which has pmid 1.
func collect(o Options, docs ...doc) *Result {
	a := newAggregation(&o, &current{revised: roaring.New()})
	a.certainty = true
	b := &batch{documents: map[schemas.Key]*documentColumns{}, mentions: map[mentionKey]*mentionColumns{}}
	for i := range docs {
		d := &docs[i]
		d.PMID = int32(i + 1)
		b.documents[d.Key] = &d.documentColumns
		for j := range d.mentions {
			b.mentions[mentionKey{d.Key, int32(j)}] = &d.mentions[j]
		}
		for _, r := range d.relations {
			r.Key = d.Key
			b.relations = append(b.relations, r)
		}
	}
	a.addBatch(b)
	a.finish()
	return &a.result
}

// sample has a concept with two names, a composite mention, spellings of a name, both directions.
func sample() []doc {
	negation := relates("CID", 1, 0, 0.75)
	negation.Certainty = schemas.Negated
	generated := relates("increases", 1, 0, 0.5)
	generated.Method = schemas.MethodGenerated
	aspirin, asa := chemical("aspirin", "MESH:1", "Aspirin"), chemical("ASA", "MESH:1", "Aspirin")
	return []doc{
		{
			documentColumns{PubYear: 2001},
			[]mentionColumns{asa, disease("heart attack"), chemical("drug X", "", "")},
			[]relationColumns{
				relates("CID", 0, 1, 0.25),
				relates("CID", 0, 1, 0.5), relates("Bind", 0, 2, 1), relates("Bind", 0, 0, 1),
			},
		}, {
			documentColumns{PubYear: 1999, IsRetracted: true},
			[]mentionColumns{disease("heart attacks"), aspirin, chemical("Drug-X", "", ""), chemical("drug X", "", "")},
			[]relationColumns{negation, relates("Bind", 2, 1, 0.5), relates("Bind", 3, 2, 0.5)},
		}, {
			documentColumns{},
			[]mentionColumns{disease("heart attacks"), chemical("NSAIDs", "MESH:1|MESH:2", "Aspirin|Ibuprofen")},
			[]relationColumns{relates("CID", 1, 0, 1), generated},
		},
	}
}

// said returns rows as text.
func said(r *Result) (text []string) {
	for _, x := range r.Triples {
		years := ""
		if x.FirstYear != nil {
			years = fmt.Sprintf(" %d-%d", *x.FirstYear, *x.LastYear)
		}
		text = append(text, fmt.Sprintf("%s %s %s %v -%d %v %v%s %v", x.SubjectName, x.Type, x.ObjectName, x.PMIDs,
			*x.Negated, x.MeanScore, x.BestScore, years, x.AnyRetracted))
	}
	return text
}

func TestRows(t *testing.T) {
	all := []string{
		"Aspirin CID heart attacks [1 2 3] -1 0.75 1 1999-2001 true",
		"Aspirin Bind Drug-X [1 2] -0 0.75 1 1999-2001 true",
		"Ibuprofen CID heart attacks [3] -0 1 1 false",
		"Aspirin increases heart attacks [3] -0 0.5 0.5 false",
		"Ibuprofen increases heart attacks [3] -0 0.5 0.5 false",
	}
	for name, c := range map[string]struct {
		options Options
		want    []string
	}{
		"all":  {Options{}, all},
		"type": {Options{Types: []string{"Bind", "CID"}}, all[:3]},
		"score": {Options{MinScore: 0.8}, []string{
			"Aspirin Bind drug X [1] -0 1 1 2001-2001 false", "Aspirin CID heart attacks [3] -0 1 1 false", all[2],
		}},
		"abstracts":     {Options{MinAbstracts: 2}, all[:2]},
		"concept":       {Options{Concepts: []string{"MESH:2"}}, []string{all[2], all[4]}},
		"name":          {Options{Names: []string{"ibuprofens"}}, []string{all[2], all[4]}},
		"name in text":  {Options{Names: []string{"asa"}}, []string{all[0], all[1], all[3]}},
		"concepts only": {Options{ConceptsOnly: true}, nil},
	} {
		if diff := cmp.Diff(c.want, said(collect(c.options, sample()...))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A pair of one type is one triple in either order, with the first name as its subject; a generated
// relation keeps its direction.
func TestDirection(t *testing.T) {
	a, b := chemical("a", "MESH:9", "A"), chemical("b", "MESH:1", "B")
	directed := relates("Bind", 0, 1, 0.5)
	directed.Method = schemas.MethodGenerated
	bind := relates("Bind", 0, 1, 1)
	r := collect(Options{}, doc{mentions: []mentionColumns{b, a}, relations: []relationColumns{bind, directed}},
		doc{mentions: []mentionColumns{a, b}, relations: []relationColumns{bind}})
	want := []string{"A Bind B [1 2] -0 1 1 false", "B Bind A [1] -0 0.5 0.5 false"}
	if diff := cmp.Diff(want, said(r)); diff != "" {
		t.Error(diff)
	}
}

// Every format has all rows and columns.
func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	rows := collect(Options{}, sample()...).Triples
	for _, name := range []string{"x.parquet", "x.csv", "x.tsv", "x.jsonl"} {
		path := filepath.Join(dir, name)
		if err := WriteFile(path, rows); err != nil {
			t.Fatal(err)
		}
		if err := WriteFile(path, rows); !errors.Is(err, store.ErrTaken) {
			t.Errorf("%s exists: %v", name, err)
		}
	}
	read, err := parquet.ReadFile[Row](filepath.Join(dir, "x.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rows, read); diff != "" {
		t.Errorf("Parquet: %s", diff)
	}
	lines, err := os.ReadFile(filepath.Join(dir, "x.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(lines)), "\n") {
		var row Row
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rows[i], row); diff != "" {
			t.Errorf("JSON, row %d: %s", i, diff)
		}
	}
	for name, comma := range map[string]rune{"x.csv": ',', "x.tsv": '\t'} {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r := csv.NewReader(f)
		r.Comma = comma
		cells, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		schema := parquet.SchemaOf(Row{})
		for i, field := range schema.Fields() {
			if cells[0][i] != field.Name() {
				t.Errorf("%s: column %s, want %s", name, cells[0][i], field.Name())
			}
		}
		want := []string{"MESH:1", "Aspirin", "Chemical", "CID", "", "heart attacks", "Disease", "3", "1", "0", "0.75",
			"1", "1999", "2001", "true", "1;2;3"}
		if diff := cmp.Diff(want, cells[1]); diff != "" || len(cells) != len(rows)+1 {
			t.Errorf("%s: %d rows, %s", name, len(cells), diff)
		}
	}
	if err := WriteFile(filepath.Join(dir, "x.txt"), rows); !errors.Is(err, ErrFormat) {
		t.Errorf("an unknown format: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
