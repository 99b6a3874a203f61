package score_test

import (
	"math"
	"testing"

	"github.com/pubmine/pubmine/jobs/eval/score"
)

// Of three gold yes two are predicted, the gold no is answered yes, and maybe has no answer: F1 of
// yes is 2/3, of the others 0.
func TestAnswers(t *testing.T) {
	table := score.Table{}
	for _, a := range [][2]string{{"yes", "yes"}, {"yes", "yes"}, {"no", "yes"}, {"yes", "no"}, {"", "maybe"}} {
		table.Answer(a[0], a[1])
	}
	if got := table.Accuracy(); math.Abs(got-0.4) > 1e-9 {
		t.Errorf("accuracy %v", got)
	}
	if got, want := table.Macro(), (2.0*2/(2*2+1+1))/3; math.Abs(got-want) > 1e-9 {
		t.Errorf("macro-F1 %v, want %v", got, want)
	}
}
