package topic

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
)

// token is a run of letters and digits.
type token struct {
	text       string // folded
	capital    bool   // all its letters are capitals
	joined     bool   // a hyphen or slash separates it from the token before
	start, end int    // in bytes of the text
}

// tokens cuts a text. A possessive s is dropped.
func tokens(text string) []token {
	var all []token
	for at, last := 0, 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		if !isAlnum(r) {
			at += size
			continue
		}
		end := at + strings.IndexFunc(text[at:]+" ", func(r rune) bool { return !isAlnum(r) })
		word, between := text[at:end], text[last:at]
		joined := len(all) > 0 && (between == "-" || between == "/" || between == "‐" || between == "‑")
		if joined || word != "s" || between != "'" && between != "’" {
			all = append(all, token{fold(word), word == strings.ToUpper(word), joined, at, end})
		}
		at, last = end, end
	}
	return all
}

func isAlnum(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// folds replaces Greek letters by their names and British by American spelling, both in lower case.
var folds = strings.NewReplacer(
	"α", "alpha", "β", "beta", "γ", "gamma", "δ", "delta", "ε", "epsilon", "κ", "kappa", "λ", "lambda", "μ", "mu",
	"σ", "sigma", "τ", "tau", "ω", "omega", "ae", "e", "oe", "e", "sulph", "sulf",
)

// endings replaces endings that differ in British spelling, and plurals that are not regular.
var endings = [][2]string{
	{"our", "or"}, {"ours", "ors"}, {"oural", "oral"}, {"ise", "ize"}, {"ised", "ized"}, {"ises", "izes"},
	{"ising", "izing"}, {"isation", "ization"}, {"isations", "izations"}, {"tre", "ter"}, {"tres", "ters"},
	{"bre", "ber"}, {"bres", "bers"}, {"lling", "ling"}, {"lled", "led"}, {"programme", "program"},
	{"programmes", "programs"},
}

// fold returns a word in lower case and one spelling.
func fold(word string) string {
	word = strings.ToLower(word)
	if functionWords[word] {
		return word
	}
	switch word = folds.Replace(word); word {
	case "children":
		return "child"
	case "women":
		return "woman"
	case "men":
		return "man"
	case "mice":
		return "mouse"
	}
	for _, e := range endings {
		if rest, ok := strings.CutSuffix(word, e[0]); ok && (len(rest) > 2 || rest == "") {
			return rest + e[1]
		}
	}
	return word
}

// stem returns the common part of the forms of a folded word.
func stem(word string) string {
	s := english.Stem(word, true)
	if strings.HasSuffix(s, "si") { // metastasis and metastases
		s = s[:len(s)-1]
	}
	return s
}

// isContent reports whether a token is a content word of three letters or more, or an abbreviation.
func (t token) isContent() bool {
	n := utf8.RuneCountInString(t.text)
	abbreviation := t.capital && n > 1
	return strings.ContainsFunc(t.text, unicode.IsLetter) && (abbreviation || n > 2 && !functionWords[t.text])
}

// functionWords are part of no term.
var functionWords = setOf(`
a an the of in on at to for from by with without within and or but nor as than that this these those which who
whom whose what how why when where is are was were be been being has have had having not no may might can
could did does do done it its their our we us also after before during between among amongst into through both
either while if however because due via per such other all there they them he she his her any some should will
would shall must more most less least much many very too only just still always often really already yet so
then else own same up out off over under about against towards toward upon across along around you your i my
me am one two three versus vs non using`)

func setOf(list string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		m[w] = true
	}
	return m
}
