package text_test

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/text"
)

// letters is a vocabulary of nothing but characters: one token for each.
func letters(t rapid.TB) *tokenizer.Tokenizer {
	t.Helper()
	tok, err := tokenizer.Learn(
		map[string]int{"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-@": 10, ".": 10, "d": 10},
		0,
	)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func document(title string, parts ...string) *schemas.Document {
	doc := &schemas.Document{Sections: []schemas.Section{{Kind: schemas.KindTitle, Text: title}}}
	for _, p := range parts {
		doc.Sections = append(doc.Sections, schemas.Section{Kind: schemas.KindAbstract, Text: p})
	}
	return doc
}

func TestPrepare(t *testing.T) {
	got := text.New(letters(t), 100).Prepare(document("Mice. Rats", "A b2c. D-é.", "", "End."))
	if want := "Mice. Rats A b2c. D-é.  End."; got.Body != want {
		t.Errorf("body %q", got.Body)
	}
	type part struct {
		Section int
		Text    string
	}
	var sentences []part
	for _, s := range got.Sentences {
		sentences = append(sentences, part{s.Section, got.Body[s.Start:s.End]})
	}
	if diff := cmp.Diff([]part{{0, "Mice. Rats"}, {1, "A b2c."}, {1, "D-é."}, {3, "End."}}, sentences); diff != "" {
		t.Errorf("sentences (-want +got):\n%s", diff)
	}
	var words []string
	for _, w := range got.Words {
		words = append(words, got.Body[w.Start:w.End]+" "+got.Body[got.Tokens[w.Token].Start:got.Tokens[w.Token].End])
	}
	if diff := cmp.Diff(
		[]string{
			"Mice e", ". .", "Rats s", "A A", "b b", "2 2", "c c", ". .", "D D", "- -", "é é", ". .", "End d", ". .",
		},
		words,
	); diff != "" {
		t.Errorf("words with their last tokens (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]model.Window{{Start: 0, End: len(got.Tokens)}}, got.Windows); diff != "" {
		t.Errorf("windows (-want +got):\n%s", diff)
	}
}

func TestWindows(t *testing.T) {
	// Sentences of 5, 5, 12 and 5 tokens.
	doc := document("Aaaa.", "Bbbb. Cccccccccccc. Dddd.")
	for window, want := range map[int][]int{ // where the windows end
		100: {28},
		24:  {23, 28},
		14:  {10, 23, 28},
		11:  {10, 20, 28}, // the rest of a cut sentence begins the next window
		5:   {4, 5, 9, 10, 14, 18, 22, 23, 27, 28},
	} {
		var ends []int
		for _, w := range text.New(letters(t), window).Prepare(doc).Windows {
			ends = append(ends, w.End)
		}
		if diff := cmp.Diff(want, ends); diff != "" {
			t.Errorf("window %d (-want +got):\n%s", window, diff)
		}
	}
	if got := len(text.New(letters(t), 0).Prepare(doc).Windows); got != 28 {
		t.Errorf("the smallest window: %d windows, want one a token", got)
	}
}

func TestNothingToPrepare(t *testing.T) {
	for name, doc := range map[string]*schemas.Document{
		"deleted":     {PMID: 7, Version: 1, Deleted: true},
		"empty":       document(""),
		"white space": document(" \u00a0", "\t", " "),
	} {
		got := text.New(letters(t), 10).Prepare(doc)
		if got.Body != doc.Text() || len(got.Sentences)+len(got.Words)+len(got.Tokens)+len(got.Windows) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// check checks all that a Text promises.
func check(t rapid.TB, got *model.Text, doc *schemas.Document, window int) {
	t.Helper()
	sections := doc.SectionSpans()
	at := 0
	for _, s := range got.Sentences {
		in := sections[s.Section]
		if s.Start < at || s.End <= s.Start || s.Start < in.Start || s.End > in.End {
			t.Fatalf("%q: sentence %+v after %d", got.Body, s, at)
		}
		at = s.End
	}
	at = 0
	for _, token := range got.Tokens {
		if token.Start < at || token.End < token.Start || token.End > len(got.Body) || token.ID < tokenizer.Unk {
			t.Fatalf("%q: token %+v after %d", got.Body, token, at)
		}
		at = token.End
	}
	at = 0
	for _, w := range got.Words {
		if rest := strings.TrimLeftFunc(
			got.Body[at:w.Start], func(r rune) bool { return unicode.IsSpace(r) || r < ' ' },
		); rest != "" {
			t.Fatalf("%q: %q is in no word", got.Body, rest)
		}
		s, last := got.Sentences[w.Sentence], got.Tokens[w.Token]
		if w.Start < at || w.End <= w.Start || w.Start < s.Start || w.End > s.End {
			t.Fatalf("%q: word %+v of sentence %+v after %d", got.Body, w, s, at)
		}
		if last.Start >= w.End || last.End <= w.Start {
			t.Fatalf("%q: token %+v does not reach into word %+v", got.Body, last, w)
		}
		if next := w.Token + 1; next < len(got.Tokens) && got.Tokens[next].Start < w.End &&
			got.Tokens[next].End > w.Start {
			t.Fatalf("%q: token %d also reaches into word %+v", got.Body, next, w)
		}
		at = w.End
	}
	at = 0
	for _, w := range got.Windows {
		if w.Start != at || w.End <= w.Start || w.End-w.Start > window-1 {
			t.Fatalf("window %+v of %d after %d", w, window, at)
		}
		at = w.End
	}
	if at != len(got.Tokens) {
		t.Fatalf("the windows end at %d of %d tokens", at, len(got.Tokens))
	}
}

func TestAnyDocument(t *testing.T) {
	tok := letters(t)
	part := rapid.Map(rapid.SliceOfN(rapid.OneOf(
		rapid.SampledFrom(
			[]string{
				" ", ". ", ".", "The ", "E. coli", "(", ")", "\n\n", "5", "é", "e\u0301", "'", "-", "&", "\x01",
				"\u00a0", "\xff", "Fig. 2", "IL-2",
			},
		),
		rapid.StringN(0, 3, -1),
	), 0, 15), func(parts []string) string { return strings.Join(parts, "") })
	rapid.Check(t, func(t *rapid.T) {
		doc := document(part.Draw(t, "title"), rapid.SliceOfN(part, 0, 3).Draw(t, "abstract")...)
		window := rapid.IntRange(2, 30).Draw(t, "window")
		check(t, text.New(tok, window).Prepare(doc), doc, window)
	})
}

// Real abstracts with BioGPT's own vocabulary.
func TestPool(t *testing.T) {
	data := filepath.Join("..", "..", "..", "shared", "data")
	file, err := os.Open(filepath.Join(data, "pool", "abstracts.jsonl.gz"))
	if err != nil {
		t.Skipf("reference data is not here: %v", err)
	}
	defer file.Close()
	tok, err := tokenizer.Load(os.DirFS(filepath.Join(data, "biogpt")))
	if err != nil {
		t.Fatal(err)
	}
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	const window = 256
	preparer := text.New(tok, window)
	for i, decoder := 0, json.NewDecoder(unzipped); i < 500 && decoder.More(); i++ {
		var r struct{ Title, Abstract string }
		if err := decoder.Decode(&r); err != nil {
			t.Fatal(err)
		}
		doc := document(r.Title, r.Abstract)
		check(t, preparer.Prepare(doc), doc, window)
	}
}

func FuzzPrepare(f *testing.F) {
	f.Add("Title", "E. coli grew (Fig. 2). It did.The end.", 9)
	tok := letters(f)
	f.Fuzz(func(t *testing.T, title, abstract string, window int) {
		if window < 2 || !utf8.ValidString(title) {
			t.Skip()
		}
		doc := document(title, abstract)
		check(t, text.New(tok, window).Prepare(doc), doc, window)
	})
}

// BenchmarkPrepare takes an abstract of usual length all the way, with a vocabulary of characters.
func BenchmarkPrepare(b *testing.B) {
	doc := document(
		"Aspirin and the risk of bleeding in 5,300 patients",
		strings.Repeat("The mice (n = 12) weren't given 2.5 mg/kg of [3H]-thymidine (P < 0.05). ", 18),
	)
	preparer := text.New(letters(b), 512)
	b.SetBytes(int64(len(doc.Text())))
	b.ReportAllocs()
	for b.Loop() {
		preparer.Prepare(doc)
	}
}
