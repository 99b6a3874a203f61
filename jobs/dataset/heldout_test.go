package dataset_test

import (
	"testing"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
)

func TestHeldOut(t *testing.T) {
	doc := func(pmid schemas.PMID, title string) *schemas.Document {
		return &schemas.Document{PMID: pmid, Sections: []schemas.Section{{Kind: schemas.KindTitle, Text: title}}}
	}
	long := "A title that is long enough to tell"
	examples := []dataset.Example{
		{Split: "train", Doc: doc(1, "Kept")},
		{Split: "train", Doc: doc(2, "Same number")},
		{Split: "train", Doc: doc(3, "A TITLE, that is long-enough to tell!")},
		{Split: "train", Doc: doc(0, "Reply")},
		{Split: "dev", Doc: doc(2, long)},
		{Split: "dev", Doc: doc(0, "Reply")},
	}
	got := dataset.NewHeldOut(examples).Training(examples)
	if len(got) != 2 || got[0].Doc.PMID != 1 || got[1].Doc.Title() != "Reply" {
		t.Errorf("kept %d: %+v", len(got), got)
	}
}
