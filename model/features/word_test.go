package features

import (
	goflag "flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

var update = goflag.Bool("update", false, "rewrite the expected output")

// cut makes a Text of a title and sentences: words are runs of letters, runs of digits, or single
// characters.
func cut(title string, sentences ...string) *model.Text {
	t := &model.Text{Sections: []schemas.Section{{Kind: schemas.KindTitle}, {Kind: schemas.KindAbstract}}}
	for i, s := range append([]string{title}, sentences...) {
		start := len(t.Body)
		t.Body += s + " "
		t.Sentences = append(
			t.Sentences,
			schemas.Sentence{Section: min(i, 1), Span: schemas.Span{Start: start, End: start + len(s)}},
		)
		last := 0
		for at, r := range s {
			kind := 0
			switch {
			case unicode.IsLetter(r):
				kind = 1
			case unicode.IsDigit(r):
				kind = 2
			case !unicode.IsSpace(r):
				kind = 3
			}
			end := start + at + len(string(r))
			if kind == last && kind != 3 && kind != 0 {
				t.Words[len(t.Words)-1].End = end
			} else if kind != 0 {
				t.Words = append(t.Words, model.Word{Span: schemas.Span{Start: start + at, End: end}, Sentence: i})
			}
			last = kind
		}
	}
	return t
}

func example() *model.Text {
	return cut("Myocardial infarction after 5-HT agonists",
		"We saw myocardial infarction (MI) in two patients given the β-blocker.",
		"MI was treated; 5-HT was not.")
}

// The features of a word are part of the format of trained models: when this fails, heads have to
// be trained again.
func TestWordFeaturesGolden(t *testing.T) {
	text := example()
	w := NewWords(text)
	var b strings.Builder
	for i := range text.Words {
		fmt.Fprintf(&b, "%s", text.Word(i))
		for _, f := range w.Append(nil, i) {
			fmt.Fprintf(&b, " %08x", f)
		}
		b.WriteByte('\n')
	}
	path := filepath.Join("testdata", "words.txt")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("(-%s +now; -update rewrites it):\n%s", path, diff)
	}
}

func TestAppendDoesNotAllocate(t *testing.T) {
	text := example()
	w := NewWords(text)
	dst := make([]uint32, 0, 256)
	if n := testing.AllocsPerRun(10, func() {
		for i := range text.Words {
			dst = w.Append(dst[:0], i)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Nothing outside of a sentence counts, except the flags of forms and the abbreviations of the
// document.
func TestNeighboursStayInTheSentence(t *testing.T) {
	alone := NewWords(cut("", "aspirin helps")).Append(nil, 0)
	among := NewWords(cut("", "x y z", "aspirin helps", "u v w")).Append(nil, 3)
	if diff := cmp.Diff(alone, among); diff != "" {
		t.Errorf("(-alone +among others):\n%s", diff)
	}
}

func TestChunksAndRuns(t *testing.T) {
	text := cut("", "The (N-methyl) group of renal failure, 5-HT.")
	w := NewWords(text)
	for i, want := range []struct{ chunk, run string }{
		{"The", "The"}, {"(", "("}, {"N-methyl", "N-methyl"}, {"N-methyl", "N-methyl"}, {"N-methyl", "N-methyl"},
		{")", ")"},
		{"group", "group"}, {"of", "of"}, {"renal", "renal failure"}, {"failure", "renal failure"}, {",", ","},
		{"5-HT", "5-HT"}, {"5-HT", "5-HT"}, {"5-HT", "5-HT"}, {".", "."},
	} {
		if got := text.Slice(w.words[i].chunk); got != want.chunk {
			t.Errorf("word %d %q: chunk %q, want %q", i, text.Word(i), got, want.chunk)
		}
		if got := text.Slice(w.words[i].run); got != want.run {
			t.Errorf("word %d %q: run %q, want %q", i, text.Word(i), got, want.run)
		}
	}
}

// Every occurrence of an abbreviation has the features of its long form.
func TestAbbreviationsShareTheirLongForm(t *testing.T) {
	text := example()
	w := NewWords(text)
	last := -1
	for i := range text.Words {
		if text.Word(i) == "MI" {
			last = i
		}
	}
	f := appender{}
	f.add2(abbreviationLast, 0, Template(0).Lower("infarction"))
	if !slices.Contains(w.Append(nil, last), f.dst[0]) {
		t.Error("the last MI does not know of infarction")
	}
}

func TestAnyTextHasFeatures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := cut(
			rapid.String().Draw(t, "title"), rapid.String().Draw(t, "a"),
			rapid.StringMatching(`[a-cA-C() ]{0,40}`).Draw(t, "b"),
		)
		w := NewWords(text)
		for i := range text.Words {
			if f := w.Append(nil, i); len(f) < 25 || len(f) > 100 {
				t.Fatalf("word %d %q has %d features", i, text.Word(i), len(f))
			}
		}
	})
}

func BenchmarkWords(b *testing.B) {
	text := cut(
		"Title of it",
		slices.Repeat([]string{"We saw myocardial infarction (MI) in two patients given the β-blocker."}, 20)...)
	var dst []uint32
	b.SetBytes(int64(len(text.Body)))
	for b.Loop() {
		w := NewWords(text)
		for i := range text.Words {
			dst = w.Append(dst[:0], i)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(text.Words)), "ns/word")
}
