package dataset_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
)

func TestOnly(t *testing.T) {
	const in = "1|t|a b c\n1\t0\t1\ta\tChemical\tx\n1\t2\t3\tb\tGene\ty\n1\t4\t5\tc\tDisease\tz\n1\tCID\tx\tz\n1\t" +
		"R\tx\ty\n"
	examples, _, err := dataset.PubTator(strings.NewReader(in), dataset.PublicRules("x", "train"))
	if err != nil {
		t.Fatal(err)
	}
	e := examples[0].Only(dataset.Disease, dataset.Chemical)
	check(t, e)
	want := []schemas.Relation{{Type: "CID", Subject: 0, Object: 1, Sentence: -1, Score: 1}}
	if diff := cmp.Diff(want, e.Gold.Relations); diff != "" {
		t.Error(diff)
	}
	if len(examples[0].Gold.Mentions) != 3 || len(examples[0].Types) != 3 {
		t.Error("the original changed")
	}
}
