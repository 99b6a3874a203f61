package dataset_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
)

func TestCoNLL(t *testing.T) {
	const in = "The\tO\nZVK\tB-GENE\n-\tI-GENE\n1\tI-GENE\n(\tO\nβ\tI-GENE\n)\tO\n.\tO\n\n\nEnd\tO\n"
	examples, _, err := dataset.CoNLL(
		strings.NewReader(in), dataset.Rules{Types: map[string]string{"GENE": dataset.Gene}},
	)
	if err != nil {
		t.Fatal(err)
	}
	got := plainly(examples)
	if len(got) != 2 || got[0].Text != "The ZVK-1 (β). " || got[1].Text != "End " {
		t.Errorf("texts %+v", got)
	}
	if diff := cmp.Diff([]string{"Gene ZVK-1 []", "Gene β []"}, got[0].Mentions); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"word\n", "word\tX\n", "word\tB-\n", "\tB-GENE\n"} {
		if _, _, err := dataset.CoNLL(strings.NewReader(bad), dataset.Rules{}); err == nil ||
			!strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: error %v", bad, err)
		}
	}
}

func TestCoNLLTags(t *testing.T) {
	for name, tags := range map[string]string{
		"IOB1": "I-X I-X B-X O I-Y I-X O", "IOB2": "B-X I-X B-X O B-Y B-X O", "IOBES": "B-X E-X S-X O S-Y S-X " +
			"O", "BILOU": "B-X L-X U-X O U-Y U-X O",
	} {
		var lines strings.Builder
		for i, tag := range strings.Fields(tags) {
			lines.WriteString(string(rune('a'+i)) + " NN " + tag + "\n")
		}
		examples, _, err := dataset.CoNLL(strings.NewReader(lines.String()), dataset.UserRules("x", "train", true))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"X a b []", "X c []", "Y e []", "X f " +
			"[]"}, plainly(examples)[0].Mentions); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
