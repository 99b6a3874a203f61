package features

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The features of a question are part of the format of trained models: when this fails, heads have
// to be trained again.
func TestQuestionFeaturesGolden(t *testing.T) {
	text := cut(
		"Zorvaline against gout", "We gave 40 mg.", "There was no significant difference (P = 0.3).",
		"More dogs improved, but p<0.05 for cats only.", "Zorvaline may help.",
	)
	q := NewQuestion(text, "Gout in dogs: does zorvaline improve it?")
	var out strings.Builder
	write := func(what string, features []uint32) {
		fmt.Fprintf(&out, "%s:", what)
		for _, f := range features {
			fmt.Fprintf(&out, " %08x", f)
		}
		out.WriteByte('\n')
	}
	write("question", q.Append(nil))
	first, end := q.Sentences()
	for i := first; i < end; i++ {
		write(fmt.Sprint("sentence ", i), q.AppendSentence(nil, i))
	}
	golden(t, "question.txt", out.String())
}

// cueNames returns the names of cues.
func cueNames(c cues) []string {
	names := []string{"denied", "small p", "large p"}
	for line := range strings.Lines(cuesText) {
		if name, _, ok := strings.Cut(line, ": "); ok && line[0] != '#' {
			names = append(names, name)
		}
	}
	var found []string
	for i, n := range names {
		if c&(1<<i) != 0 {
			found = append(found, n)
		}
	}
	return found
}

func TestCues(t *testing.T) {
	for text, want := range map[string][]string{
		"we saw dogs":                                  nil,
		"there was no significant difference":          {"denied", "not", "significant", "differ"},
		"a significant difference was not sought":      {"not", "significant", "differ"},
		"no dog of the many that we saw was different": {"not", "differ"}, // too far behind
		"p < 0.05":                          {"small p"},
		"p<.05; p value = 0.20":             {"small p", "large p"},
		"p = 0·04":                          {"small p"},
		"p > 0.05":                          {"large p"},
		"p = 0.05":                          {"small p"},
		"p ≥ 0.05":                          {"large p"},
		"p <= 0.01":                         {"small p"},
		"p = ns":                            {"large p", "insignificant"},
		"p53 = 0.2":                         nil,
		"p = x":                             nil,
		"p =":                               nil,
		"12% were similar, however":         {"similar", "contrast", "percent"},
		"it may not be associated with age": {"denied", "not", "associated", "hedge"},
	} {
		if diff := cmp.Diff(want, cueNames(cuesOf(split(text)))); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

// The form of the question and the cues of the text decide the features; other words do not.
func TestQuestionSees(t *testing.T) {
	of := func(question string, sentences ...string) []uint32 {
		q := NewQuestion(cut("Gout", sentences...), question)
		f := q.Append(nil)
		first, end := q.Sentences()
		for i := first; i < end; i++ {
			f = q.AppendSentence(f, i)
		}
		return f
	}
	base := of("Does zorv help dogs?", "We looked.", "Zorv may help.")
	for name, other := range map[string][]uint32{
		"opening":  of("Can zorv help dogs?", "We looked.", "Zorv may help."),
		"colon":    of("Does zorv: help dogs?", "We looked.", "Zorv may help."),
		"cue":      of("Does zorv help dogs?", "We looked.", "Zorv cannot help."),
		"place":    of("Does zorv help dogs?", "Zorv may help.", "We looked."),
		"asked":    of("Does zorv improve dogs?", "We looked.", "Zorv may help."),
		"how many": of("Does zorv help dogs?", "We may look.", "Zorv may help."),
	} {
		if slices.Equal(base, other) {
			t.Errorf("%s makes no difference", name)
		}
	}
	if !slices.Equal(base, of("Does quarx heal cats?", "We asked.", "Quarx may heal.")) {
		t.Error("other words make a difference")
	}
}

func TestQuestionOfNothing(t *testing.T) {
	q := NewQuestion(cut("Gout"), "Does it help?")
	if first, end := q.Sentences(); first != end {
		t.Errorf("sentences %d to %d of no abstract", first, end)
	}
}

// For any text and question, the pieces are those of the text in order.
func TestQuestionIsTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.StringOf(rapid.RuneFrom([]rune("aP p<=>0.5·%:? éИ\xff")))
		question := words.Draw(t, "question")
		if got := strings.Join(split(question), ""); got != strings.Join(strings.Fields(question), "") {
			t.Fatalf("%q became %q", question, got)
		}
		q := NewQuestion(cut(words.Draw(t, "title"), words.Draw(t, "one"), words.Draw(t, "two")), question)
		q.Append(nil)
		first, end := q.Sentences()
		for i := first; i < end; i++ {
			q.AppendSentence(nil, i)
		}
	})
}
