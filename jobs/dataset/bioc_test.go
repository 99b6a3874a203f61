package dataset_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/dataset"
)

// TestBioCUnits: whatever a document's offsets count, code points, bytes or UTF-16 units, the same
// mentions are read.
func TestBioCUnits(t *testing.T) {
	units := map[string]func(string) int{
		"code points": utf8.RuneCountInString,
		"bytes":       func(s string) int { return len(s) },
		"UTF-16":      func(s string) int { return len(utf16.Encode([]rune(s))) },
	}
	rapid.Check(t, func(t *rapid.T) {
		// One character outside of ASCII at least goes before the names, so that no two units agree
		// by chance on all of them.
		title := "😀é " + strings.Join(
			rapid.SliceOfN(rapid.StringMatching(`[a-zα-ω😀]{1,5}`), 1, 5).Draw(t, "title"), " ",
		)
		words := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{3,6}`), 3, 6, rapid.ID[string]).Draw(t, "words")
		abstract := strings.Join(words, " ß😀 ")
		var want []string
		for _, w := range words {
			want = append(want, "Tool "+w+" []")
		}
		for name, size := range units {
			var annotations []string
			at := size(title) + 1
			for _, w := range words {
				annotations = append(
					annotations,
					fmt.Sprintf(
						`{"id": %q, "infons": {"type": "Tool"}, "text": %q, "locations": [{"offset": %d, "length": %d}]}`,
						w, w, at, size(w),
					),
				)
				at += size(w + " ß😀 ")
			}
			text := fmt.Sprintf(
				`{"id": "1", "passages": [{"infons": {"type": "title"}, "offset": 0, "text": %q, "annotations": []}, {"infons": {"type": "abstract"}, "offset": %d, "text": %q, "annotations": [%s]}]}`,
				title, size(title)+1, abstract, strings.Join(annotations, ", "),
			)
			examples, stats, err := dataset.BioCJSON(strings.NewReader(text), dataset.UserRules("x", "train", false))
			if err != nil || stats.Dropped > 0 {
				t.Fatalf("%s: %v, %+v in %s", name, err, stats, text)
			}
			if diff := cmp.Diff(want, plainly(examples)[0].Mentions); diff != "" {
				t.Fatalf("%s: %s", name, diff)
			}
		}
	})
}

// TestBioCMerges: arrays, collections and lone documents, one after the other, are documents all
// the same.
func TestBioCMerges(t *testing.T) {
	document := func(id string) string {
		return `{"id": "` + id + `", "passages": [{"offset": 0, "text": "One"}, {"offset": 4, "text": "Two"}]}`
	}
	in := document(
		"1",
	) + "\n" + `{"documents": [` + document(
		"2",
	) + `]}` + `[` + document(
		"3",
	) + `, {"PubTator3": [` + document(
		"4",
	) + `]}]`
	examples, _, err := dataset.BioCJSON(strings.NewReader(in), dataset.UserRules("x", "train", false))
	if err != nil || len(examples) != 4 {
		t.Fatal(len(examples), err)
	}
	for i, e := range examples {
		if e.ID != fmt.Sprint(i+1) || e.Doc.Title() != "One" || e.Doc.Abstract() != "Two" {
			t.Errorf("document %d: %+v", i, e.Doc)
		}
	}
}

// TestOwnTypes: names of types that public corpora give to ours become ours, unless they are to
// stay as they are written.
func TestOwnTypes(t *testing.T) {
	const in = "1|t|aspirin by a saw in a family\n1\t0\t7\taspirin\tDrug\n1\t13\t16\tsaw\tTool\n1\t22\t28\tfamily\tFamilyName\n"
	for _, c := range []struct {
		asWritten        bool
		mentions, masked []string
	}{
		{false, []string{"Chemical aspirin []", "Tool saw []"}, []string{"Gene family"}},
		{true, []string{"Drug aspirin []", "Tool saw []", "FamilyName family []"}, nil},
	} {
		examples, _, err := dataset.PubTator(strings.NewReader(in), dataset.UserRules("x", "train", c.asWritten))
		if err != nil {
			t.Fatal(err)
		}
		got := plainly(examples)[0]
		if diff := cmp.Diff(c.mentions, got.Mentions) + cmp.Diff(c.masked, got.Masked); diff != "" {
			t.Errorf("as written %v: %s", c.asWritten, diff)
		}
	}
}
