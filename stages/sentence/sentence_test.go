package sentence_test

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/stages/sentence"
)

var update = flag.Bool("update", false, "rewrite the expected output")

// testdata/sentences.txt holds the sentences of each line of testdata/texts.txt, one a line, and an
// empty line.
func TestSplit(t *testing.T) {
	texts, err := os.ReadFile("testdata/texts.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for line := range strings.Lines(string(texts)) {
		if line[0] == '#' {
			continue
		}
		text, err := strconv.Unquote(`"` + strings.TrimSuffix(line, "\n") + `"`)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		for _, s := range sentence.Split(text) {
			fmt.Fprintf(&got, "%q\n", text[s.Start:s.End])
		}
		got.WriteByte('\n')
	}
	const expected = "testdata/sentences.txt"
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

// check checks that the spans are in order, trimmed, leave out nothing but white space, and cut no
// run of letters or digits.
func check(t rapid.TB, text string) {
	t.Helper()
	at := 0
	for _, s := range sentence.Split(text) {
		if s.Start < at || s.End <= s.Start || s.End > len(text) {
			t.Fatalf("%q: span %+v after %d", text, s, at)
		}
		if part := text[s.Start:s.End]; strings.TrimSpace(part) != part {
			t.Fatalf("%q: white space around %q", text, part)
		}
		if rest := strings.TrimSpace(text[at:s.Start]); rest != "" {
			t.Fatalf("%q: %q is in no sentence", text, rest)
		}
		last, _ := utf8.DecodeLastRuneInString(text[:s.Start])
		first, _ := utf8.DecodeRuneInString(text[s.Start:])
		if unicode.IsLetter(last) && unicode.IsLetter(first) || unicode.IsDigit(last) && unicode.IsDigit(first) {
			t.Fatalf("%q: cut within a word at %d", text, s.Start)
		}
		at = s.End
	}
	if rest := strings.TrimSpace(text[at:]); rest != "" {
		t.Fatalf("%q: %q is in no sentence", text, rest)
	}
}

func TestAnyText(t *testing.T) {
	part := rapid.OneOf(
		rapid.SampledFrom(
			[]string{
				" ", ". ", ".", "? ", "The ", "E. coli", "(", ")", "\n", "\n\n", "5", "é", "\u00a0", "\xff",
				"Fig. 2", "cells.The gene", "end.12 The", "”", "vs. ", "i.p. ",
			},
		),
		rapid.StringN(0, 3, -1),
	)
	rapid.Check(t, func(t *rapid.T) {
		check(t, strings.Join(rapid.SliceOfN(part, 0, 20).Draw(t, "parts"), ""))
	})
}

// The time must not grow with the square of the length, whatever the text repeats.
func TestLongTexts(t *testing.T) {
	start := time.Now()
	for _, part := range []string{
		"a", ".", ". ", "(", "(A. ", "aaa.Aa", "aaa.12 A", "aaa.A b ", "vs. A ", "\n", " ", ".)", "A.B. ", "E. (",
		"a.\n\n", "aaa.)",
	} {
		check(t, strings.Repeat(part, (1<<16)/len(part)))
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("took %v", took)
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("E. coli grew (Fig. 2). It did.The end.12 We saw.\n\nA")
	f.Fuzz(func(t *testing.T, text string) { check(t, text) })
}

func BenchmarkSplit(b *testing.B) {
	texts, err := os.ReadFile("testdata/sentences.txt")
	if err != nil {
		b.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(texts)), " ")
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		sentence.Split(text)
	}
}
