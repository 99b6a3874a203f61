package abbrev_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model/abbrev"
	"github.com/pubmine/pubmine/stages/sentence"
)

// record is a title and abstract, a text each line, with the pairs that people found in it, short
// and long form.
type record struct {
	lines []string
	pairs map[[2]string]bool
}

// gold reads MED1250_labeled: a line with a PMID after an empty line begins a record, a line "
// short|long" is a pair.
func gold(t *testing.T) []record {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "corpora", "ab3p", "MED1250_labeled"))
	if err != nil {
		t.Skipf("reference data is not here: %v", err)
	}
	var records []record
	for line := range strings.Lines(string(data)) {
		text := strings.TrimSpace(line)
		short, long, pair := strings.Cut(text, "|")
		switch {
		case text == "":
		case strings.Trim(text, "0123456789") == "":
			records = append(records, record{pairs: map[[2]string]bool{}})
		case pair && strings.HasPrefix(line, "  "):
			records[len(records)-1].pairs[[2]string{strings.TrimSpace(short), strings.TrimSpace(long)}] = true
		default:
			records[len(records)-1].lines = append(records[len(records)-1].lines, text)
		}
	}
	return records
}

// Precision and recall of pairs, each counted once in a record. The prices were tuned on the first
// half; the second half is the measure.
func TestGold(t *testing.T) {
	records := gold(t)
	half := len(records) / 2
	for _, part := range []struct {
		name    string
		records []record
	}{{"first half", records[:half]}, {"second half", records[half:]}, {"all", records}} {
		precision, recall := score(t, part.records, testing.Verbose() && part.name == "first half")
		t.Logf("%s: precision %.4f, recall %.4f", part.name, precision, recall)
		if precision < 0.96 || recall < 0.84 {
			t.Errorf("%s: precision %.4f, recall %.4f, want 0.96 and 0.84", part.name, precision, recall)
		}
	}
}

func score(t *testing.T, records []record, show bool) (precision, recall float64) {
	var right, found, wanted int
	for _, r := range records {
		text := strings.Join(r.lines, "\n")
		got := map[[2]string]bool{}
		for _, p := range abbrev.Find(text, sentence.Split(text)) {
			long := strings.ReplaceAll(text[p.Long.Start:p.Long.End], "\n", " ")
			got[[2]string{text[p.Short.Start:p.Short.End], long}] = true
		}
		found, wanted = found+len(got), wanted+len(r.pairs)
		for p := range got {
			if r.pairs[p] {
				right++
			} else if show {
				t.Logf("wrong: %q, want one of %v", p, r.pairs)
			}
		}
		for p := range r.pairs {
			if show && !got[p] {
				t.Logf("missed: %q", p)
			}
		}
	}
	return float64(right) / float64(found), float64(right) / float64(wanted)
}
