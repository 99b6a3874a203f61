package text_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/text"
)

func TestSentencesAreThoseOfEveryPreparer(t *testing.T) {
	tok, err := tokenizer.Learn(map[string]int{"the": 3, "gene": 2}, 300)
	if err != nil {
		t.Fatal(err)
	}
	for _, sections := range [][]schemas.Section{
		nil,
		{{Kind: schemas.KindTitle, Text: " A title. With two parts? "}},
		{
			{Kind: schemas.KindTitle, Text: "The gene"},
			{Kind: schemas.KindAbstract, Text: "We saw it. It was the gene."},
			{Kind: schemas.KindAbstract, Text: ""},
			{Kind: schemas.KindAbstract, Text: "β is not the gene (P < 0.05)."},
		},
	} {
		doc := &schemas.Document{Sections: sections}
		got, want := text.Sentences{}.Prepare(doc), text.New(tok, 64).Prepare(doc)
		if diff := cmp.Diff(want.Sentences, got.Sentences); diff != "" {
			t.Errorf("%v: %s", sections, diff)
		}
		if got.Body != want.Body || len(got.Tokens)+len(got.Words)+len(got.Windows) > 0 {
			t.Errorf("%v: %+v", sections, got)
		}
	}
}
