package sentence_test

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/sentence"
)

// article is a text with its sentences marked by people, in code points.
type article struct {
	Text  string
	Spans [][2]int
}

// gold returns the articles of a corpus, or skips the test.
func gold(t *testing.T, name string) []article { return records[article](t, 1<<20, "sentences", name) }

// records returns the first n records of a gzipped file of JSON lines, or skips the test.
func records[T any](t *testing.T, n int, path ...string) []T {
	t.Helper()
	file, err := os.Open(filepath.Join(append([]string{"..", "..", "..", "shared", "data"}, path...)...))
	if err != nil {
		t.Skipf("reference data is not here: %v", err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []T
	for decoder := json.NewDecoder(unzipped); len(all) < n && decoder.More(); {
		var r T
		if err := decoder.Decode(&r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// Real abstracts; in a short run some of them.
func TestPool(t *testing.T) {
	n := 1 << 20
	if testing.Short() {
		n = 500
	}
	abstracts := records[struct{ Abstract string }](t, n, "pool", "abstracts.jsonl.gz")
	for _, a := range abstracts {
		check(t, a.Abstract)
	}
	t.Logf("%d abstracts", len(abstracts))
}

// Exact-span F1. The word lists were tuned on the first half of each corpus; the second half is the
// measure.
func TestGold(t *testing.T) {
	for _, c := range []struct {
		file string
		goal float64
	}{
		{"genia_abstract_sentence_spans.dev.jsonl.gz", 0.995},
		{"craft_sentence_spans.dev.jsonl.gz", 0.988},
	} {
		t.Run(c.file[:5], func(t *testing.T) {
			articles := gold(t, c.file)
			half := len(articles) / 2
			tuned, measured := score(t, articles[:half], testing.Verbose()), score(t, articles[half:], false)
			t.Logf("F1 %.4f on the first half, %.4f on the second", tuned, measured)
			if measured < c.goal {
				t.Errorf("F1 %.4f, want %.4f", measured, c.goal)
			}
		})
	}
}

// score returns the exact-span F1 over the articles, and logs what is missing if asked.
func score(t *testing.T, articles []article, show bool) float64 {
	var right, found, wanted int
	for _, a := range articles {
		offsets := byteOffsets(a.Text)
		got := map[schemas.Span]bool{}
		for _, s := range sentence.Split(a.Text) {
			got[s] = true
		}
		found, wanted = found+len(got), wanted+len(a.Spans)
		for _, s := range a.Spans {
			span := schemas.Span{Start: offsets[s[0]], End: offsets[s[1]]}
			if got[span] {
				right++
				continue
			}
			if show {
				t.Logf(
					"missing %q before %q", a.Text[span.Start:span.End],
					a.Text[span.End:min(len(a.Text), span.End+30)],
				)
			}
		}
	}
	return 2 * float64(right) / float64(found+wanted)
}

// byteOffsets returns the byte offset of each code point, and of the end.
func byteOffsets(text string) []int {
	var offsets []int
	for i := range text {
		offsets = append(offsets, i)
	}
	return append(offsets, len(text))
}
