package dataset

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The question is the title, and the conclusions are not in the document.
func TestQuestionsKeepTheirConclusionsApart(t *testing.T) {
	const records = `{"12": {"QUESTION": "Does it rain?", "CONTEXTS": ["We looked.", " It was wet. "], "LABELS": ` +
		`["METHODS"], "LONG_ANSWER": " It rains. ", "final_decision": "yes"},
"3": {"QUESTION": "Is it dry?", "CONTEXTS": ["We looked."], "final_decision": "maybe"}}`
	examples, stats, err := questions(strings.NewReader(records), UserRules("wet", "train", false))
	if err != nil || stats.Documents != 2 {
		t.Fatal(stats, err)
	}
	type seen struct{ ID, Text, Question, Answer, Conclusions string }
	var got []seen
	for _, e := range examples {
		got = append(got, seen{e.ID, e.Doc.Text(), e.Question, e.Answer, e.Conclusions})
	}
	want := []seen{
		{"3", "Is it dry? We looked.", "Is it dry?", "maybe", ""},
		{"12", "Does it rain? We looked. It was wet.", "Does it rain?", "yes", "It rains."},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
