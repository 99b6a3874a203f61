package ner

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/model/abbrev"
	"github.com/pubmine/pubmine/schemas"
)

func TestImplausibleMentions(t *testing.T) {
	types := []string{chemical, disease, gene, variant, cellLine}
	for _, c := range []struct {
		body     string
		mentions []tag
		want     string
	}{
		{"the quality of life (QoL) rose", []tag{{chemical, "QoL", 9}}, ""},
		{"diastolic pressure (DP) rose", []tag{{gene, "DP", 0.5}}, ""},
		{"diastolic pressure (DP) rose", []tag{{gene, "DP", 5}}, "Gene DP"},
		{"renal failure (RF) came", []tag{{disease, "RF", 9}, {disease, "failure", 5}}, "Disease failure, Disease RF"},
		{"an anti-inflammatory drug", []tag{{disease, "inflammatory", 9}}, ""},
		{"an inflammatory disease", []tag{{disease, "inflammatory disease", 9}}, "Disease inflammatory disease"},
		{"an anti-TNF antibody", []tag{{gene, "TNF", 9}}, "Gene TNF"},
		{"the C57BL/6J mice", []tag{{cellLine, "C57BL/6J", 9}}, ""},
		{"the HeLa cells", []tag{{cellLine, "HeLa", 9}}, "CellLine HeLa"},
		{"in Group 3 and group III", []tag{{gene, "Group 3", 9}, {gene, "group III", 9}}, ""},
		{"a dose of 3 kg-1", []tag{{gene, "kg-1", 9}}, ""},
		{"low IL-1", []tag{{gene, "IL-1", 9}}, "Gene IL-1"},
		{"it rose. (ABSTRACT TRUNCATED AT 250 WORDS)", []tag{{variant, "ABSTRACT TRUNCATED AT 250 WORDS", 9}}, ""},
	} {
		text, states := tagged(types, c.body, c.mentions...)
		var got []string
		for _, m := range annotated(t, reader(t, types...), text, states) {
			got = append(got, m.Type+" "+text.Body[m.Start:m.End])
		}
		if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.body, diff)
		}
	}
}

// A short form that is explained twice, once by a mention, is explained.
func TestShortFormExplainedTwice(t *testing.T) {
	text := cut("heart failure (HF) and hay fever (HF) and high frequency (HF)")
	at := strings.Index(text.Body, "hay")
	fever := schemas.Mention{Span: schemas.Span{Start: at, End: at + len("hay fever")}}
	pairs := abbrev.InText(text)
	if got := unexplainedShortForms(text, []schemas.Mention{fever}, pairs); len(pairs) < 2 || got["HF"] {
		t.Errorf("of %v: %v", pairs, got)
	}
	if got := unexplainedShortForms(text, nil, pairs); !got["HF"] {
		t.Errorf("without a mention: %v", got)
	}
}
