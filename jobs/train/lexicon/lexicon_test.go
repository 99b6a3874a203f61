package lexicon

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// cut returns a Text of one sentence.
func cut(s string) *model.Text {
	t := &model.Text{Body: s, Sentences: []schemas.Sentence{{Span: schemas.Span{End: len(s)}}}}
	last := 0
	for at, r := range s {
		kind := kindOf(r)
		if kind != 0 && kind == last {
			t.Words[len(t.Words)-1].End = at + len(string(r))
		} else if !unicode.IsSpace(r) {
			t.Words = append(t.Words, model.Word{Span: schemas.Span{Start: at, End: at + len(string(r))}})
		}
		last = kind
	}
	return t
}

func show(l *Lexicon, t *model.Text) []string {
	var found []string
	for _, m := range l.Matches(t) {
		var categories []string
		for _, c := range m.Categories {
			categories = append(categories, l.categories[c])
		}
		found = append(
			found,
			fmt.Sprintf("%s: %s", t.Body[t.Words[m.Start].Start:t.Words[m.End-1].End], strings.Join(categories, " ")),
		)
	}
	return found
}

func TestLoad(t *testing.T) {
	l, err := Load(filepath.Join("testdata", "vocab"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		want []string
	}{
		{"Testamide and n-test-amide helped", []string{"Testamide: D02", "n-test-amide: D02"}},
		{"Heart test disease, a broken test heart", []string{"Heart test disease: C14 DO", "broken test heart: DO"}},
		{"the TST1 gene (tsb) made test protein", []string{"TST1: symbol", "tsb: synonym", "test protein: gene"}},
		{"amide, test", nil}, // an inverted name
		{"heart", nil},       // not an exact synonym
	} {
		if diff := cmp.Diff(c.want, show(l, cut(c.text))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
	}
	if _, err := Load(t.TempDir()); err == nil {
		t.Error("an empty directory was accepted")
	}
}

func TestLongestMatchFromEachWord(t *testing.T) {
	l := New()
	l.Add("renal failure", "C")
	l.Add("acute renal failure", "C")
	l.Add("failure", "X")
	want := []string{"acute renal failure: C", "renal failure: C", "failure: X"}
	if diff := cmp.Diff(want, show(l, cut("acute renal failure"))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFeatures(t *testing.T) {
	l := New()
	l.Add("renal failure", "C")
	text := cut("no renal failure here")
	f := l.Features(text)
	if len(f.Append(nil, 1)) < 3 || len(f.Append(nil, 2)) < 3 {
		t.Error("the words of a name have no features")
	}
	if len(f.Append(nil, 0)) != 1 || len(f.Append(nil, 3)) != 1 {
		t.Error("the words beside a name have no feature of their own")
	}
	if cmp.Equal(f.Append(nil, 1), f.Append(nil, 2)) {
		t.Error("the place in a name does not count")
	}
	if n := len(New().Features(text).Append(nil, 1)); n != 0 {
		t.Errorf("an empty lexicon gives %d features", n)
	}
}
