package abbrev_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/abbrev"
	"github.com/pubmine/pubmine/schemas"
)

// words returns a text of one sentence, cut into runs of letters, runs of digits and other signs.
func words(body string) *model.Text {
	t := &model.Text{Body: body}
	for _, at := range regexp.MustCompile(`\pL+|\p{Nd}+|\S`).FindAllStringIndex(body, -1) {
		t.Words = append(t.Words, model.Word{Span: schemas.Span{Start: at[0], End: at[1]}})
	}
	return t
}

func TestSchwartzHearst(t *testing.T) {
	for _, c := range []struct{ sentence, want string }{
		{"acute myocardial infarction (MI) was seen", "MI = myocardial infarction"},
		{"the serotonin 5-hydroxytryptamine (5-HT) receptor", "5-HT = 5-hydroxytryptamine"},
		{"angiotensin converting enzyme (ACE; EC 3.4.15.1)", "ACE = angiotensin converting enzyme"},
		{"heparin-induced thrombocytopenia (HIT)", "HIT = heparin-induced thrombocytopenia"},
		{"in patients (n = 12) with", ""},
		{"a drug (aspirin) was", ""},
		{"renal failure (XYZ) was", ""},
		{"(MI) myocardial", ""},
		{"an unclosed bracket (MI", ""},
	} {
		text := words(c.sentence)
		var got []string
		for _, e := range abbrev.SchwartzHearst(text) {
			got = append(got, text.Slice(e.Short)+" = "+text.Slice(e.Long))
		}
		if s := strings.Join(got, "; "); s != c.want {
			t.Errorf("%q: %q, want %q", c.sentence, s, c.want)
		}
	}
}
