package jobs_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/schemas/parquetio"
	"github.com/pubmine/pubmine/sources"
	"github.com/pubmine/pubmine/stages/answer"
)

var update = flag.Bool("update", false, "rewrite expected output")

// stageTables lists the stages in the order in which they run, with the tables that they fill and
// the versions that may change their rows, beside those of the stages before.
var stageTables = []struct {
	stage    string // package; of mentions, link makes the concepts and ner the other columns
	tables   []string
	versions []string
}{
	{"pubmed", []string{"documents", "rejects", "superseded"}, []string{"schemas", "pubmed"}},
	{"sentence", []string{"sentences"}, []string{"sentence"}},
	{"ner", []string{"mentions"}, []string{"text", "features", "abbrev", "model", "ner"}},
	{"link", []string{"mentions"}, []string{"link", "vocabulary"}},
	{"relation", []string{"relations"}, []string{"relation"}},
	{"summary", []string{"summaries"}, []string{"summary"}},
	{"answer", []string{"answers"}, []string{"topic", "abbrev", "answer"}},
}

// versionsFile holds the versions under which the expected rows were made.
const versionsFile = "versions.json"

// The rows of the sample change only together with a version: of the stage that makes them, of one
// before it, of the features, or of the model. Scores are compared to three decimals, because
// processors round differently.
func TestRowsAreVersioned(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the bundled model")
	}
	rows, versions := sampleRows(t)
	dir := filepath.Join("testdata", "rows")
	expected, recorded := readExpected(t, dir)
	problem, allowed := compareRows(rows, expected, versions, recorded)
	switch {
	case problem == "":
	case *update && (allowed || len(recorded) == 0):
		writeExpected(t, dir, rows, versions)
	default:
		t.Error(problem)
	}
}

// compareRows describes how rows differ from the expected ones, and reports whether a version that
// can explain it changed, so that the expected rows may be rewritten.
func compareRows(
	rows, expected map[string][]string, versions, recorded map[string]string,
) (problem string, allowed bool) {
	explained := false // by a version of this stage or one before
	for _, s := range stageTables {
		for _, v := range s.versions {
			explained = explained || versions[v] != recorded[v]
		}
		if slices.Equal(rows[s.stage], expected[s.stage]) {
			continue
		}
		difference := fmt.Sprintf(
			"the rows of stage %s changed: %s", s.stage, firstDifference(expected[s.stage], rows[s.stage]),
		)
		if !explained {
			return difference + fmt.Sprintf("\nand no version did: if the change is meant, increment Version in package %s "+
				"(or that of the package that caused it), then run go test ./jobs -run TestRowsAreVersioned -update", s.stage), false
		}
		problem += difference + "\n"
	}
	if !maps.Equal(versions, recorded) && problem == "" {
		problem = fmt.Sprintf("versions changed from %v to %v\n", recorded, versions)
	}
	if problem == "" {
		return "", true
	}
	return problem + "after looking at the difference, run go test ./jobs -run TestRowsAreVersioned -update", true
}

func firstDifference(want, got []string) string {
	for i := range max(len(want), len(got)) {
		var a, b string
		if i < len(want) {
			a = want[i]
		}
		if i < len(got) {
			b = got[i]
		}
		if a != b {
			return fmt.Sprintf(
				"%d rows, were %d; the first that differs is row %d\n  was %s\n  is  %s", len(got), len(want), i, a,
				b,
			)
		}
	}
	return "nothing"
}

// sampleRows runs every task over the sample and returns the rows of each stage, and the versions.
func sampleRows(t *testing.T) (rows map[string][]string, versions map[string]string) {
	t.Helper()
	q, err := answer.NewQuestion("Did mice get the treatment with the dose in this study?")
	if err != nil {
		t.Fatal(err)
	}
	c, err := jobs.Build(jobs.Request{Model: "bundled", Backend: "cpu", Questions: []answer.Question{q}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sample, err := sources.Files(filepath.Join("..", "testdata", "pubmed"), filepath.Join("testdata", "sentences.xml"))
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(t.TempDir(), "C")
	done, err := jobs.Run(t.Context(), sample, c, jobs.RunOptions{Corpus: root})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := corpus.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	rows = map[string][]string{}
	for _, s := range stageTables {
		for _, table := range s.tables {
			var lines []string
			for _, f := range done.Edition.Files(table) {
				lines = append(lines, readRows(t, opened.Path(f), table, s.stage)...)
			}
			slices.SortStableFunc(lines, func(a, b string) int { return cmp.Compare(unitOf(a), unitOf(b)) })
			rows[s.stage] = append(rows[s.stage], lines...)
		}
	}
	m, err := catalog.Resolve(catalog.Bundled)
	if err != nil {
		t.Fatal(err)
	}
	versions = map[string]string{ // of the model its weights: its card may be reworded
		"schemas":    fmt.Sprint(c.Configuration.Schema),
		"vocabulary": c.Configuration.VocabularyDigest[:12],
		"model":      m.Card.SHA256[biogpt.WeightsFile][:12],
	}
	for stage, version := range c.Configuration.Stages {
		versions[stage] = fmt.Sprint(version)
	}
	return rows, versions
}

// unitOf returns the unit of a row.
func unitOf(line string) string {
	_, after, _ := strings.Cut(line, `"Unit":"`)
	unit, _, _ := strings.Cut(after, `"`)
	return unit
}

// readRows returns the rows of a file as lines of JSON, scores rounded, without the model's name.
func readRows(t *testing.T, path, table, stage string) (lines []string) {
	t.Helper()
	for r, err := range parquetio.Rows(path, table) {
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var value map[string][]map[string]any
		if err := json.Unmarshal(data, &value); err != nil {
			t.Fatal(err)
		}
		for _, all := range value {
			for _, row := range all {
				delete(row, "Model")
				maps.DeleteFunc(row, func(column string, _ any) bool {
					concept := strings.HasPrefix(column, "Concept")
					return stage == "ner" && concept ||
						stage == "link" && !concept && column != "Unit" && column != "PMID" && column != "Mention"
				})
				rounded(row)
				line, err := json.Marshal(row)
				if err != nil {
					t.Fatal(err)
				}
				lines = append(lines, string(line))
			}
		}
	}
	return lines
}

// rounded rounds the numbers of a value of JSON and drops nulls, in place.
func rounded(x any) any {
	switch x := x.(type) {
	case float64:
		return math.Round(x*1000) / 1000
	case []any:
		for i := range x {
			x[i] = rounded(x[i])
		}
	case map[string]any:
		for name, v := range x {
			if x[name] = rounded(v); v == nil {
				delete(x, name)
			}
		}
	}
	return x
}

func readExpected(t *testing.T, dir string) (rows map[string][]string, versions map[string]string) {
	t.Helper()
	rows, versions = map[string][]string{}, map[string]string{}
	data, err := os.ReadFile(filepath.Join(dir, versionsFile))
	if err != nil {
		return rows, versions
	}
	if err := json.Unmarshal(data, &versions); err != nil {
		t.Fatal(err)
	}
	for _, s := range stageTables {
		data, err := os.ReadFile(filepath.Join(dir, s.stage+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(data) {
			rows[s.stage] = append(rows[s.stage], strings.TrimSuffix(string(line), "\n"))
		}
	}
	return rows, versions
}

func writeExpected(t *testing.T, dir string, rows map[string][]string, versions map[string]string) {
	t.Helper()
	data, err := json.MarshalIndent(versions, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{versionsFile: string(data) + "\n"}
	for _, s := range stageTables {
		files[s.stage+".jsonl"] = strings.Join(rows[s.stage], "\n") + "\n"
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
