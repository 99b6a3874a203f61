package abbrev_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/abbrev"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/sentence"
)

// found returns the pairs of the text, "short|long" each.
func found(text string) []string {
	var pairs []string
	for _, p := range abbrev.Find(text, sentence.Split(text)) {
		pairs = append(pairs, text[p.Short.Start:p.Short.End]+"|"+text[p.Long.Start:p.Long.End])
	}
	return pairs
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		what, text string
		want       []string
	}{
		{"first letters", "We used magnetic resonance imaging (MRI).", []string{"MRI|magnetic resonance imaging"}},
		{"square brackets", "The odds ratio [OR] was 2.", []string{"OR|odds ratio"}},
		{"more in the bracket", "The confidence interval (CI, 95%; n = 3) was wide.",
			[]string{"CI|confidence interval"}},
		{"short form first", "The MIC (minimum inhibitory concentration) was low.",
			[]string{"MIC|minimum inhibitory concentration"}},
		{"both in the bracket", "A barrier (blood-brain barrier, BBB) exists.", []string{"BBB|blood-brain barrier"}},
		{"quotation marks", "by deep sequencing (\"DS\")", []string{"DS|deep sequencing"}},
		{"no space", "of clozapine(CLP) and", []string{"CLP|clozapine"}},
		{"small words", "the length of stay (LOS) was", []string{"LOS|length of stay"}},
		{"within a word", "given methotrexate (MTX) daily", []string{"MTX|methotrexate"}},
		{"locants", "of 2,6-diaminopurine (DAP) and", []string{"DAP|2,6-diaminopurine"}},
		{"number words", "in two-dimensional (2D) gels", []string{"2D|two-dimensional"}},
		{"digits", "the transcription intermediary factor-2 (TIF-2) gene",
			[]string{"TIF-2|transcription intermediary factor-2"}},
		{"one letter", "of progesterone (P) was", []string{"P|progesterone"}},
		{"lower case", "120 beats per minute (bpm).", []string{"bpm|beats per minute"}},
		{"plural", "many dendritic cells (DCs) were", []string{"DCs|dendritic cells"}},
		{"Greek", "the nuclear factor κB (NF-κB) pathway", []string{"NF-κB|nuclear factor κB"}},
		{"two in a row", "heart rate (HR) and blood pressure (BP)", []string{"HR|heart rate", "BP|blood pressure"}},
		{"brackets in brackets", "(by computed tomography (CT) alone)", []string{"CT|computed tomography"}},
		{"brackets in the long form", "the gamma(A) receptor complex (GRC)", []string{"GRC|gamma(A) receptor complex"}},
		{"bracketed short form", "the creatine kinase concentration ([CKC])",
			[]string{"[CKC]|creatine kinase concentration"}},

		{"a measure", "patients (n = 12) and (P < 0.05)", nil},
		{"a citation", "as shown (Smith et al., 2003)", nil},
		{"another sentence", "Magnetic resonance. Imaging (MRI) was used.", nil},
		{"letters that are not there", "the blood pressure (MRI) was", nil},
		{"other order", "the pressure of blood (BP) was", nil},
		{"too much between", "big and very large old heavy dogs (BD) bark", nil},
		{"a word", "the signal (seen here) was", nil},
		{"the same word", "the CD40 ligand (CD40) was", nil},
		{"longer than what it explains", "an ox (oxidase) was", nil},
		{"half a bracket", "mean (a) or b) score (MBS) was", nil},
		{"a prefix of what is in the bracket", "the L1 (L1CAM) gene", nil},
		{"nothing before", "(MRI) was used", nil},
		{"nothing within", "magnetic () and ( )", nil},
		{"too long", "x (" + strings.Repeat("word ", 100) + ", XW) y", nil},
		{"nothing", "", nil},
	} {
		if diff := cmp.Diff(c.want, found(c.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, diff)
		}
	}
}

// A long text before the bracket is not searched, and no character is cut.
func TestFindLooksBackOnlySoFar(t *testing.T) {
	for n := range 4 {
		text := "alpha " + strings.Repeat("x", n) + strings.Repeat("é", 200) + " beta (AB)"
		if got := found(text); got != nil {
			t.Errorf("%d: %q", n, got)
		}
	}
	if got := found(strings.Repeat("é", 200) + "(éé)"); got != nil {
		t.Errorf("one long word: %q", got)
	}
}

// check checks what holds of the pairs of any text.
func check(t rapid.TB, text string) {
	t.Helper()
	spans := sentence.Split(text)
	for _, p := range abbrev.Find(text, spans) {
		one := func(s schemas.Span) bool {
			return s.Start <= min(p.Short.Start, p.Long.Start) && max(p.Short.End, p.Long.End) <= s.End
		}
		inOne := false
		for _, s := range spans {
			inOne = inOne || one(s)
		}
		short, long := text[p.Short.Start:p.Short.End], text[p.Long.Start:p.Long.End]
		switch {
		case !inOne:
			t.Fatalf("%q: %+v is in no one sentence", text, p)
		case p.Short.Start < p.Long.End && p.Long.Start < p.Short.End:
			t.Fatalf("%q: %+v overlap", text, p)
		case utf8.RuneCountInString(short) >= utf8.RuneCountInString(long):
			t.Fatalf("%q: %q is not shorter than %q", text, short, long)
		case strings.TrimSpace(short) != short || strings.TrimSpace(long) != long:
			t.Fatalf("%q: white space around %q or %q", text, short, long)
		case utf8.ValidString(text) && !(utf8.ValidString(short) && utf8.ValidString(long)):
			t.Fatalf("%q: a character is cut in %q or %q", text, short, long)
		}
	}
}

func TestAnyText(t *testing.T) {
	part := rapid.OneOf(
		rapid.SampledFrom(
			[]string{
				" ", " (", ") ", "[", "]", "(", ")", ", ", "; ", ". ", "blood pressure", "BP", "A", "é", "two-",
				"2", "\"", "\xff", "\n\n", "I",
			},
		),
		rapid.StringN(0, 3, -1),
	)
	rapid.Check(t, func(t *rapid.T) {
		check(t, strings.Join(rapid.SliceOfN(part, 0, 20).Draw(t, "parts"), ""))
	})
}

// A defined abbreviation is found anywhere in the text.
func TestInitials(t *testing.T) {
	word := rapid.StringMatching(`[b-df-hj-np-tv-z][aeiou]{2,6}`)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(word, 2, 6).Draw(t, "words")
		short := ""
		for _, w := range words {
			short += strings.ToUpper(w[:1])
		}
		long := strings.Join(words, " ")
		if diff := cmp.Diff([]string{short + "|" + long}, found("we saw 12, "+long+" ("+short+") then")); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzFind(f *testing.F) {
	f.Add("We used magnetic resonance imaging (MRI), and 2D (two-dimensional) [blood pressure, BP].")
	f.Fuzz(func(t *testing.T, text string) { check(t, text) })
}

// BenchmarkFind takes an abstract of usual length with two pairs.
func BenchmarkFind(b *testing.B) {
	text := strings.Repeat("The mice were given 2.5 mg/kg of thymidine (P < 0.05) by Smith and others (2003). ", 16) +
		"We used magnetic resonance imaging (MRI). Given methotrexate (MTX)."
	spans := sentence.Split(text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		abbrev.Find(text, spans)
	}
}
