package features

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// The features of a sentence are part of the format of trained models: when this fails, heads have
// to be trained again.
func TestSentenceFeaturesGolden(t *testing.T) {
	text := cut(
		"Zorvaline against gout", "We gave 40 mg.", "Of 12 dogs 3 (25%) improved.",
		"In conclusion, zorvaline helps with gout.",
	)
	s := NewSentences(text)
	first, end := s.Abstract()
	var out strings.Builder
	for i := first; i < end; i++ {
		fmt.Fprintf(&out, "%d, %d words:", i, s.Length(i))
		for _, f := range s.Append(nil, i) {
			fmt.Fprintf(&out, " %08x", f)
		}
		out.WriteByte('\n')
	}
	golden(t, "sentences.txt", out.String())
}

func TestSentenceSees(t *testing.T) {
	of := func(i int, title string, sentences ...string) []uint32 {
		return NewSentences(cut(title, sentences...)).Append(nil, i)
	}
	base := of(2, "Gout in dogs", "We looked.", "Thus zorv works.", "Trial 5.")
	for name, other := range map[string][]uint32{
		"word":      of(2, "Gout in dogs", "We looked.", "Thus zorv fails.", "Trial 5."),
		"place":     of(1, "Gout in dogs", "Thus zorv works.", "We looked.", "Trial 5."),
		"count":     of(2, "Gout in dogs", "We looked.", "Thus zorv works."),
		"before":    of(2, "Gout in dogs", "They looked.", "Thus zorv works.", "Trial 5."),
		"after":     of(2, "Gout in dogs", "We looked.", "Thus zorv works.", "Or 5."),
		"title":     of(2, "Gout and zorv", "We looked.", "Thus zorv works.", "Trial 5."),
		"numbers":   of(2, "Gout in dogs", "We looked.", "Thus zorv works 5.", "Trial 5."),
		"every one": {},
	} {
		if slices.Equal(base, other) {
			t.Errorf("%s: no feature changed", name)
		}
	}
	text := cut("Gout in dogs", "We looked.", "Thus zorv works.", "Trial 5.")
	text.Sections[1].Label = "CONCLUSIONS"
	if labelled := NewSentences(text).Append(nil, 2); len(labelled) != len(base)+1 {
		t.Errorf("%d features with a label, %d without", len(labelled), len(base))
	}
}

func TestHeading(t *testing.T) {
	for _, c := range []struct{ label, category, want string }{
		{"", "", ""}, {"Conclusions", "", "CONCLUSION"}, {"CONCLUSION AND RELEVANCE", "", "CONCLUSION"},
		{"AIM", "OBJECTIVE", "OBJECTIVE"}, {"Patients and methods", "UNASSIGNED", "PATIENT"}, {"", "UNASSIGNED", ""},
	} {
		if got := heading(schemas.Section{Label: c.label, Category: c.category}); got != c.want {
			t.Errorf("heading(%q, %q) = %q, want %q", c.label, c.category, got, c.want)
		}
	}
}

func TestNoAbstract(t *testing.T) {
	for _, text := range []*model.Text{{Body: " "}, cut("A title alone")} {
		if first, end := NewSentences(text).Abstract(); first != end {
			t.Errorf("%q: sentences %d to %d", text.Body, first, end)
		}
	}
}
