package tokenizer_test

import (
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
)

// checkSpans checks that the tokens' spans are in order, inside the text, and cover every character
// that they must.
func checkSpans(t rapid.TB, tok *tokenizer.Tokenizer, text string) {
	t.Helper()
	const offset = 7
	at := 0
	skip := func(to int) {
		for i, r := range text[at:to] {
			if !unicode.IsSpace(r) && r >= ' ' {
				t.Fatalf("%q: %q at %d is in no token", text, r, at+i)
			}
		}
		at = to
	}
	for _, token := range tok.Append(nil, text, offset) {
		start, end := token.Start-offset, token.End-offset
		if start < at || end < start || end > len(text) {
			t.Fatalf("%q: span [%d, %d) after %d", text, start, end, at)
		}
		skip(start)
		at = end
		if end < len(text) && !utf8.RuneStart(text[end]) && utf8.ValidString(text) {
			t.Fatalf("%q: span [%d, %d) ends within a character", text, start, end)
		}
	}
	skip(len(text))
}

// small returns a vocabulary learned from the text.
func small(t testing.TB, text string, size int) *tokenizer.Tokenizer {
	t.Helper()
	counts := map[string]int{}
	for _, word := range tokenizer.Words(text) {
		counts[word] += 10
	}
	tok, err := tokenizer.Learn(counts, size)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

const sample = "The kinases weren't inhibited by 5'-deoxy-5-fluorouridine (P < 0.05) " +
	"in NF-κB-deficient mice & rats; the mice's weights."

func TestSpans(t *testing.T) {
	tok := small(t, sample, 60)
	for _, c := range []struct{ text, want string }{
		{"mice-rats", "mic|e|-|r|a|ts"},
		{"a<b", "a||||<|b"},          // "&lt;" is several pieces: the last one has the character
		{"weren't", "we|r|e|n||'|t"}, // and so of "&apos;"
		{"κ\x00B \x01", "κ|B"},       // deleted characters are in no piece
		{"new words", "n|e|w|w|o|r|d|s"},
	} {
		var parts []string
		for _, token := range tok.Append(nil, c.text, 0) {
			parts = append(parts, c.text[token.Start:token.End])
		}
		if got := strings.Join(parts, "|"); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func TestAppendKeepsWhatIsThere(t *testing.T) {
	tok := small(t, sample, 500)
	first := model.Token{ID: 17, Span: schemas.Span{Start: 0, End: 3}}
	got := tok.Append([]model.Token{first}, "mice", 40)
	if diff := cmp.Diff([]model.Token{first, {ID: got[1].ID, Span: schemas.Span{Start: 40, End: 44}}},
		got); diff != "" {
		t.Error(diff)
	}
}

func TestSpansOfAnyText(t *testing.T) {
	tok := small(t, sample, 100)
	part := rapid.OneOf(
		rapid.SampledFrom(
			[]string{
				" ", ".", "..", ",", "'", "-", "a", "s", "1", "\x01", "\u00a0", "é", "&", "<", "]", "DOTMULTI",
				"mice", "</s>", "\xff",
			},
		),
		rapid.StringN(0, 4, -1),
	)
	rapid.Check(t, func(t *rapid.T) {
		checkSpans(t, tok, strings.Join(rapid.SliceOfN(part, 0, 20).Draw(t, "parts"), ""))
	})
}

// No text can smuggle in a special token.
func TestSpecialTokensAreText(t *testing.T) {
	tok := small(t, sample+" < / s > u n k p a d", 200)
	for _, text := range []string{"</s>", "<s> a </s>", "<pad>", "a</s>b"} {
		for _, id := range tok.Encode(text)[1:] {
			if id < tokenizer.Unk {
				t.Errorf("%q: id %d", text, id)
			}
		}
	}
}

func TestDecode(t *testing.T) {
	tok := small(t, sample, 300)
	if got := tok.Decode(tok.Encode(sample)); got != strings.Replace(sample, "5'-", "5 '-", 1) {
		t.Errorf("decoded %q", got)
	}
	ids := append([]int32{tokenizer.Pad, tokenizer.BOS}, tok.Encode("the mice")...)
	if got := tok.Decode(append(ids, tokenizer.Unk, int32(tok.Size()), -1)); got != "the mice" {
		t.Errorf("special ids and ids beyond the vocabulary: %q", got)
	}
}

// Many goroutines share one Tokenizer, more words than its cache holds included.
func TestConcurrentUse(t *testing.T) {
	tok := small(t, sample, 200)
	want := tok.Append(nil, sample, 0)
	var group sync.WaitGroup
	for g := range 4 {
		group.Go(func() {
			for i := range 20 {
				tok.Append(nil, strings.Repeat(string(rune('a'+g)), i)+" "+string(rune(0x4e00+i)), 0)
				if diff := cmp.Diff(want, tok.Append(nil, sample, 0)); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
	group.Wait()
}

// Real titles and abstracts; in a short run some of them.
func TestPool(t *testing.T) {
	n := 1 << 20
	if testing.Short() {
		n = 500
	}
	tok := fairseq(t, "")
	type record struct{ Title, Abstract string }
	records := lines[record](t, shared(t, "data", "pool", "abstracts.jsonl.gz"), n)
	for _, r := range records {
		checkSpans(t, tok, r.Title+" "+r.Abstract)
	}
	t.Logf("%d abstracts", len(records))
}

// Once the words of a text have been seen, no word allocates: one string holds all that are written
// otherwise than they stand.
func TestNoAllocationPerWord(t *testing.T) {
	if raceEnabled {
		t.Skip("sync.Pool forgets on purpose under the race detector")
	}
	tok := small(t, sample, 200)
	text := strings.Repeat(sample+" ", 20)
	tokens := tok.Append(nil, text, 0)
	if n := testing.AllocsPerRun(100, func() { tokens = tok.Append(tokens[:0], text, 0) }); n > 1 {
		t.Errorf("%v allocations for a text of %d tokens", n, len(tokens))
	}
}

func FuzzAppend(f *testing.F) {
	for _, text := range []string{sample, "a..b 'x' No. 5", "\x01\xff</s>DOTMULTI", "5,300 '"} {
		f.Add(text)
	}
	tok := small(f, sample, 100)
	f.Fuzz(func(t *testing.T, text string) {
		checkSpans(t, tok, text)
		tok.Decode(tok.Encode(text))
	})
}
