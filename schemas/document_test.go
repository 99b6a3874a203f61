package schemas_test

import (
	"testing"
	"time"

	"github.com/pubmine/pubmine/schemas"
)

func TestText(t *testing.T) {
	title := schemas.Section{Kind: schemas.KindTitle, Text: "T"}
	part := schemas.Section{Kind: schemas.KindAbstract, Text: "A."}
	for _, test := range []struct {
		sections              []schemas.Section
		title, abstract, text string
	}{
		{nil, "", "", " "},
		{[]schemas.Section{title}, "T", "", "T "},
		{[]schemas.Section{{Kind: schemas.KindTitle}, part}, "", "A.", " A."},
		{[]schemas.Section{title, part, part}, "T", "A. A.", "T A. A."},
		{[]schemas.Section{part}, "", "A.", " A."},
	} {
		doc := schemas.Document{Sections: test.sections}
		if doc.Title() != test.title || doc.Abstract() != test.abstract || doc.Text() != test.text {
			t.Errorf("%v: title %q, abstract %q, text %q", test.sections, doc.Title(), doc.Abstract(), doc.Text())
		}
		for i, s := range doc.SectionSpans() {
			if got := doc.Text()[s.Start:s.End]; got != test.sections[i].Text {
				t.Errorf("%v: section %d is at %q", test.sections, i, got)
			}
		}
	}
}

func TestNewDate(t *testing.T) {
	for want, day := range map[schemas.Date]time.Time{
		0:      time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC),
		-1:     time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC),
		19_782: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC),
		-30559: time.Date(1886, 5, 2, 0, 0, 0, 0, time.UTC),
	} {
		if got := schemas.NewDate(day.Date()); got != want {
			t.Errorf("%v: %d, want %d", day, got, want)
		}
	}
}
