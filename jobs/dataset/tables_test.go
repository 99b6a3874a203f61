package dataset_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
)

func TestTables(t *testing.T) {
	const abstracts = "7\tNaïve zorvaline\tIt blocks ZVK1.\n"
	const entities = "7\tT2\tGENE-Y\t26\t30\tZVK1\n7\tT1\tCHEMICAL\t6\t15\tzorvaline\n7\tT3\tCHEMICAL\t0\t4\tbang\n"
	const relations = "7\tCPR:4\tArg1:T1\tArg2:T2\n7\tCPR:4\tArg1:T3\tArg2:T2\n"
	examples, stats, err := dataset.Tables(
		strings.NewReader(abstracts), strings.NewReader(entities), strings.NewReader(relations),
		dataset.PublicRules("x", "dev"),
	)
	if err != nil {
		t.Fatal(err)
	}
	if stats.Dropped != 1 || stats.Relations != 1 {
		t.Errorf("counts %+v", stats)
	}
	want := schemas.Relation{Type: "CPR:4", Subject: 0, Object: 1, Sentence: -1, Score: 1}
	if diff := cmp.Diff([]schemas.Relation{want}, examples[0].Gold.Relations); diff != "" {
		t.Error(diff)
	}
	check(t, examples[0])
	for _, c := range []struct{ abstracts, entities, relations, want string }{
		{"7\n", "", "", "table abstracts, line 1: 1 tab-separated fields, want 3"},
		{abstracts, "8\tT1\tGENE\t0\t1\tN\n", "", `table entities, line 1: no abstract of document "8"`},
		{abstracts, "7\tT1\tGENE\tx\t1\tN\n", "", "table entities, line 1: offsets"},
		{abstracts, entities, "8\tR\tArg1:a\tArg2:b\n", `table relations, line 1: no abstract of document "8"`},
		{abstracts, entities, "7\tR\ta\tb\n", "table relations, line 1: want Arg1:key"},
	} {
		_, _, err := dataset.Tables(
			strings.NewReader(c.abstracts), strings.NewReader(c.entities), strings.NewReader(c.relations),
			dataset.PublicRules("x", "dev"),
		)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}
