package moses

import (
	"strings"
	"testing"
)

// Each rule of the package doc by itself, words separated by one space.
func TestRules(t *testing.T) {
	for rule, cases := range map[string]map[string]string{
		"1 white space and control characters": {
			"  a \t\n b ":     "a b",
			"a\x00b\x1fc":     "ab c", // U+001F is white space, U+0000 is not
			"a\u2003b\u00a0c": "a b c",
			"a\u200bc":        "a \u200b c", // a zero-width space is a character
			"\x01":            "",
		},
		"2 other characters stand alone": {
			"a(b)c":  "a ( b ) c",
			"5%":     "5 %",
			"x_y":    "x _ y",
			"a/b":    "a / b",
			"`a-b.c": "`a @-@ b.c",
			"éclair": "éclair",
			"10²":    "10 ²",
			"中文":     "中 文",
		},
		"3 hyphens between letters or digits": {
			"a-b":      "a @-@ b",
			"1-2-3":    "1 @-@ 2 @-@ 3",
			"-a a- --": "-a a- --",
			"a--b":     "a--b",
			"²-a":      "² -a",
		},
		"4 dots": {
			"a..b":   "a .. b",
			"a....":  "a ....",
			"a . .b": "a . .b",
		},
		"5 commas": {
			"5,300":   "5,300",
			"a,b":     "a , b",
			"1,b a,1": "1 , b a , 1",
			"5,":      "5 ,",
			"1,,2":    "1 , , 2",
		},
		"6 apostrophes": {
			"dog's":  "dog &apos;s",
			"don't":  "don &apos;t",
			"90's":   "90 &apos;s",
			"90'a":   "90&apos;a",
			"dogs' ": "dogs&apos;",
			"dogs'.": "dogs &apos; .",
			"5'-a":   "5 &apos; -a",
			".'a":    ". &apos; a",
		},
		"7 final dots": {
			"end.":         "end .",
			"e.g. X":       "e.g. X",
			"U.S. X":       "U.S. X",
			"5.5. X":       "5.5 . X",
			"Dr. X":        "Dr. X",
			"al. X":        "al . X",
			"al. et":       "al. et",
			"No. 5 No. X":  "No. 5 No . X",
			"Art. 5 pp. 5": "Art. 5 pp. 5",
			". X":          ". X",
		},
		"8 a dot and an apostrophe at the end": {
			"end.'":   "end . &apos;",
			"end.' x": "end . &apos; x",
		},
		"9 what is written otherwise": {
			"DOTMULTI":   ".",
			"DOTDOTMULT": "DOTDOTMULT",
			`&|<>"[]`:    "&amp; &#124; &lt; &gt; &quot; &#91; &#93;",
		},
	} {
		t.Run(rule, func(t *testing.T) { checkRule(t, cases) })
	}
}

func checkRule(t *testing.T, cases map[string]string) {
	var s Splitter
	for text, want := range cases {
		var words []string
		for _, w := range s.Split(text) {
			words = append(words, w.Text)
		}
		if got := strings.Join(words, " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestJoin(t *testing.T) {
	for words, want := range map[string]string{
		"":                                "",
		"a , b ; c : d ? e !":             "a, b; c: d? e!",
		"( a ) [ b ] { c }":               "(a) [b] {c}",
		"$ 5 € 6 5 %":                     "$5 €6 5%",
		"don &apos;t dogs &apos; tails":   "don't dogs' tails",
		"&quot; x &quot; y &quot; z":      `"x" y "z`,
		"a @-@ b @-@ c":                   "a-b-c",
		"@-@ a":                           "-a",
		"a &lt; b &amp;lt; c &bar; &#91;": "a < b &lt; c | [",
		"中 文 x 字 。":                       "中文 x 字。",
		"„ x “ y":                         "„x“ y",
		"i.e. , x ...":                    "i.e., x...",
	} {
		if got := Join(strings.Fields(words)); got != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
}
