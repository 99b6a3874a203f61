package eval_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/eval"
	"github.com/pubmine/pubmine/pipeline"
)

// plain are abstracts without headings; the fourth is too short, the fifth has headings.
const plain = `{"id": "a", "title": "On saws", "abstract": "We saw. They sawed. It was sawn. Saws saw."}
{"id": "b", "title": "On axes", "abstract": "We hewed. They hewed. It was hewn. Axes hew. So there."}
{"id": "c", "title": "On awls", "abstract": "We bored. They bored. It was bored. Awls bore."}
{"id": "d", "title": "On adzes", "abstract": "We hewed. Adzes hew."}
{"id": "e", "title": "On rasps", "sections": [["AIM", "We rasped. They rasped. It was rasped. Rasps rasp."]]}
`

func TestExamples(t *testing.T) {
	m := eval.Model{Preparer: words{}, Tasks: []pipeline.Task{task{"summary", last}}}
	d := data(t, "plain", plain)
	found, err := eval.Examples(t.Context(), m, d, 10)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := eval.WriteExamples(&b, found); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "examples.txt")
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("run with -update after looking at it (-want +got):\n%s", diff)
	}
	two, err := eval.Examples(t.Context(), m, d, 2)
	if err != nil || len(two) != 2 || two[0].ID != "a" || two[1].ID != "b" {
		t.Errorf("%+v, %v", two, err)
	}
}

// Examples are spread over the data, and a model without summaries has none.
func TestExamplesAreSpread(t *testing.T) {
	var lines strings.Builder
	for i := range 30 {
		fmt.Fprintf(
			&lines,
			"{\"id\": \"%d\", \"title\": \"On saw %d\", \"abstract\": \"We saw. They sawed. It was sawn. Saws "+
				"saw.\"}\n",
			i,
			i,
		)
	}
	d := data(t, "many", lines.String())
	m := eval.Model{Preparer: words{}, Tasks: []pipeline.Task{task{"summary", second}}}
	found, err := eval.Examples(t.Context(), m, d, 3)
	if err != nil || len(found) != 3 || found[0].ID != "0" || found[1].ID != "10" || found[2].ID != "20" {
		t.Errorf("%+v, %v", found, err)
	}
	if none, err := eval.Examples(t.Context(), eval.Model{Preparer: words{}}, d, 3); err != nil || none != nil {
		t.Errorf("%+v, %v", none, err)
	}
}
