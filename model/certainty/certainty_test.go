package certainty

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/schemas"
)

// parse returns a text of one sentence whose two mentions are in square brackets.
func parse(marked string) (t *model.Text, mentions []schemas.Span) {
	t = &model.Text{}
	var body []byte
	for _, r := range marked {
		switch r {
		case '[':
			mentions = append(mentions, schemas.Span{Start: len(body)})
		case ']':
			mentions[len(mentions)-1].End = len(body)
		default:
			body = append(body, string(r)...)
		}
	}
	t.Body = string(body)
	start := -1
	for i, r := range t.Body + " " {
		letter := unicode.IsLetter(r) || unicode.IsDigit(r)
		if start >= 0 && !letter {
			t.Words = append(t.Words, model.Word{Span: schemas.Span{Start: start, End: i}})
			start = -1
		}
		switch {
		case letter && start < 0:
			start = i
		case !letter && r != ' ':
			t.Words = append(t.Words, model.Word{Span: schemas.Span{Start: i, End: i + len(string(r))}})
		}
	}
	return t, mentions
}

func TestOf(t *testing.T) {
	for want, sentences := range map[string][]string{
		schemas.Asserted: {
			"[Quarx] induced [ataxia].",
			"[Quarx] induced [ataxia] in dogs that were not treated.",
			"Dogs that did not respond to zorv had [ataxia] after [quarx].",
			"[Quarx] not only relieved fever, it induced [ataxia].",
			"It did not relieve fever, but [quarx] induced [ataxia].",
			"[Quarx], which may relieve fever, induced [ataxia].",
			"[Quarx], not zorv, induced [ataxia].",
			"[Nir] stands between nir and nor genes that encode [quarx].",
			"[Quarx]-induced [ataxia] was treated as soon as possible.",
			"No deaths occurred; [quarx] induced [ataxia].",
		},
		schemas.Negated: {
			"[Quarx] did not induce [ataxia].",
			"There was no association between [quarx] and [ataxia].",
			"There was no significant association between the use of [quarx] and [ataxia].",
			"Neither [quarx] nor zorv induced [ataxia].",
			"We failed to demonstrate an effect of [quarx] on [ataxia].",
			"[Quarx] had no effect on [ataxia].",
			"[Ataxia] was unrelated to [quarx].",
			"[Quarx] relieved fever without [ataxia].",
			"[Quarx] induced neither fever nor [ataxia].",
			"[Quarx] induced fever but not [ataxia].",
			"With [quarx], [ataxia] was not observed.",
			"[Quarx] may not induce [ataxia].",
		},
		schemas.Speculative: {
			"[Quarx] may induce [ataxia].",
			"These results suggest that [quarx] induces [ataxia].",
			"We examined whether [quarx] induces [ataxia].",
			"The aim was to evaluate the effect of chronic [quarx] on [ataxia].",
			"The role of [quarx] in [ataxia] is unclear.",
			"Does [quarx] induce [ataxia]?",
			"There was a trend toward an association between [quarx] and [ataxia].",
		},
	} {
		for _, s := range sentences {
			text, m := parse(s)
			if got := Of(text, m[0], m[1]); got != want {
				t.Errorf("%s: %s, want %s", s, got, want)
			}
			if got := Of(text, m[1], m[0]); got != want {
				t.Errorf("%s, object first: %s, want %s", s, got, want)
			}
		}
	}
}

// Every phrase of the file is in lower case, has a known use, and is of words as a text has them.
func TestPhrases(t *testing.T) {
	n := 0
	for first, same := range phrases() {
		for _, p := range same {
			n++
			text, _ := parse(strings.Join(p.words, " "))
			if p.words[0] != first || len(text.Words) != len(p.words) || strings.ToLower(text.Body) != text.Body {
				t.Errorf("phrase %q is not of single words in lower case", p.words)
			}
			for _, use := range p.uses {
				class, place, _ := strings.Cut(use, " ")
				known := class == "negated" || class == "speculative"
				if use != end && use != "none" && (!known || !strings.Contains("before between near after", place)) {
					t.Errorf("phrase %q is for %q", p.words, use)
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("%d phrases", n)
	}
}

// Any two spans of any text have a certainty, the same in both orders.
func TestOfAnything(t *testing.T) {
	word := rapid.SampledFrom([]string{"quarx", "not", "may", ",", "ataxia", "no", "association", "between", "?", "β"})
	rapid.Check(t, func(t *rapid.T) {
		text, _ := parse(strings.Join(rapid.SliceOfN(word, 1, 12).Draw(t, "words"), " "))
		draw := func(name string) schemas.Span {
			from := rapid.IntRange(0, len(text.Words)-1).Draw(t, name)
			to := rapid.IntRange(from, len(text.Words)-1).Draw(t, name+" end")
			return schemas.Span{Start: text.Words[from].Start, End: text.Words[to].End}
		}
		a, b := draw("a"), draw("b")
		got := Of(text, a, b)
		if got != schemas.Asserted && got != schemas.Negated && got != schemas.Speculative {
			t.Fatalf("certainty %q", got)
		}
		if a.Start != b.Start && Of(text, b, a) != got {
			t.Fatalf("%q, but %q in the other order", got, Of(text, b, a))
		}
	})
}
