package moses

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the expected output")

// testdata/words.txt has, for each line of testdata/texts.txt, the words with their bytes, and the
// joined words. sacremoses 0.2.0 gives the same words and the same joined texts.
func TestSplitAndJoin(t *testing.T) {
	texts, err := os.ReadFile("testdata/texts.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for line := range strings.Lines(string(texts)) {
		if line[0] == '#' {
			continue
		}
		text, err := strconv.Unquote(`"` + strings.TrimSpace(line) + `"`)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		var s Splitter
		var words []string
		for _, w := range s.Split(text) {
			words = append(words, w.Text)
			fmt.Fprintf(&got, "%s %d-%d  ", w.Text, w.Start, w.End)
		}
		fmt.Fprintf(&got, "\n= %s\n", Join(words))
	}
	const expected = "testdata/words.txt"
	if *update {
		if err := os.WriteFile(expected, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(expected)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// texts draws texts of the characters that the rules depend on.
func texts() *rapid.Generator[string] {
	part := rapid.OneOf(
		rapid.SampledFrom(
			[]string{
				" ", ".", ",", "'", "-", "a", "S", "s", "1", "\x01", "\u00a0", "²", "é", "中", "&", "<", "]", "DOT",
				"MULTI", "No", "e.g", "\xff",
			},
		),
		rapid.StringN(0, 3, -1),
	)
	return rapid.Map(rapid.SliceOfN(part, 0, 30), func(parts []string) string { return strings.Join(parts, "") })
}

func TestWordsCoverTheText(t *testing.T) {
	var s Splitter
	rapid.Check(t, func(t *rapid.T) {
		text := texts().Draw(t, "text")
		checkWords(t, text, s.Split(text))
	})
}

// checkWords checks that the words are in order, spell their bytes, and omit only white space and
// the characters that rule 1 deletes.
func checkWords(t rapid.TB, text string, words []Word) {
	at := 0
	skip := func(to int) {
		for i, r := range text[at:to] {
			if !isSpace(r) && r >= ' ' {
				t.Fatalf("%q: %q at %d is in no word", text, r, at+i)
			}
		}
		at = to
	}
	for _, w := range words {
		if w.Start < at || w.End <= w.Start || w.End > len(text) {
			t.Fatalf("%q: word %+v after %d", text, w, at)
		}
		skip(w.Start)
		if w.Chars == nil && w.Text != text[w.Start:w.End] {
			t.Fatalf("%q: word %+v is not the text", text, w)
		}
		if strings.ContainsFunc(w.Text, isSpace) {
			t.Fatalf("%q: white space in word %+v", text, w)
		}
		written := 0
		for _, c := range w.Chars {
			skip(c.Start)
			if c.Written <= written || c.Start < at || c.End <= c.Start || c.End > w.End {
				t.Fatalf("%q: character %+v of %+v", text, c, w)
			}
			at, written = c.End, c.Written
		}
		if w.Chars != nil && written != len(w.Text) {
			t.Fatalf("%q: the characters write %d bytes of %+v", text, written, w)
		}
		at = w.End
	}
	skip(len(text))
}

// Words joined and split again and joined again are the same text, where the text holds no escapes
// of its own.
func TestJoinIsStable(t *testing.T) {
	var s Splitter
	again := func(text string) string {
		var words []string
		for _, w := range s.Split(text) {
			words = append(words, w.Text)
		}
		return Join(words)
	}
	for _, text := range []string{"IL-2-induced growth of B cells (5,300 of them), P < 0.05.",
		"It wasn't \"clear\": the mice's weights [10] didn't change; 50% died."} {
		if got := again(text); got != text || again(got) != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestClasses(t *testing.T) {
	classes := table()
	for r, want := range map[rune]byte{
		'é': flagAlpha | flagAlnum | flagLower, 'É': flagAlpha | flagAlnum, '٣': flagAlnum | flagNumber,
		'²':      flagNumber | flagAlone,
		'\u094d': flagAlpha | flagAlnum, '中': flagAlone, '한': flagAlone, '€': flagAlone, '\u0301': flagAlone,
		'\u00a0': space, 'я': flagAlpha | flagAlnum | flagLower,
	} {
		if got := classes.code(r); got != want {
			t.Errorf("%q: code %#x, want %#x", r, got, want)
		}
	}
	for r, want := range map[rune]byte{
		'a': flagAlpha | flagAlnum | flagLower, 'Z': flagAlpha | flagAlnum, '7': flagAlnum | flagNumber, ',': comma,
		'&': flagAlone | flagEscaped, '%': flagAlone, '`': plain, ' ': space, 0x7f: flagAlone} {
		if got := classes.ascii[r]; got != want {
			t.Errorf("%q: code %#x, want %#x", r, got, want)
		}
	}
	for i := 1; i < len(classes.ranges); i++ {
		if classes.ranges[i-1].hi >= classes.ranges[i].lo {
			t.Fatalf("ranges %+v and %+v", classes.ranges[i-1], classes.ranges[i])
		}
	}
}

func TestParseRange(t *testing.T) {
	for field, want := range map[string]codeRange{
		"AA":        {lo: 0xaa, hi: 0xaa, step: 1},
		"61-7A":     {lo: 'a', hi: 'z', step: 1},
		"100-136/2": {lo: 0x100, hi: 0x136, step: 2},
	} {
		if got := parseRange(field); got != want {
			t.Errorf("%s: %+v, want %+v", field, got, want)
		}
	}
}

// The time must not grow with the square of the length, whatever the text.
func TestLongTexts(t *testing.T) {
	var s Splitter
	for _, part := range []string{"a", "'", ",", ".", "-", "a-", "1,", "a'", "&", " ", "\x01", "DOT", "é", "a. "} {
		text := strings.Repeat(part, 1<<16/len(part)) + " DOTMULTI"
		checkWords(t, text, s.Split(text))
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("IL-2's 5,300 a..b 'x' No. 5 &amp; DOTMULTI.'")
	f.Fuzz(func(t *testing.T, text string) {
		var s Splitter
		words := s.Split(text)
		checkWords(t, text, words)
		var joined []string
		for _, w := range words {
			joined = append(joined, w.Text)
		}
		if out := Join(joined); utf8.ValidString(text) && !utf8.ValidString(out) {
			t.Errorf("%q joined is not UTF-8: %q", text, out)
		}
	})
}
