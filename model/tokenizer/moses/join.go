package moses

import (
	"strings"
	"unicode/utf8"
)

// unescaper reverses escape, and the escapes of older versions of Moses.
var unescaper = strings.NewReplacer("&bar;", "|", "&#124;", "|", "&lt;", "<", "&gt;", ">", "&bra;", "[", "&ket;", "]",
	"&quot;", `"`, "&apos;", "'", "&#91;", "[", "&#93;", "]", "&amp;", "&")

// Join writes words as running text: it reverses joining hyphens and XML escapes, and omits the
// spaces that written English does not have. It is not the inverse of Split, which loses the places
// of spaces.
func Join(words []string) string {
	text := strings.ReplaceAll(" "+strings.Join(words, " ")+" ", " @-@ ", "-")
	words = strings.FieldsFunc(unescaper.Replace(text), isSpace)
	var b strings.Builder
	quotes := map[string]int{}
	gap := ""
	for i, w := range words {
		previous := ""
		if i > 0 {
			previous = words[i-1]
		}
		left, right := attach(w, previous, quotes)
		if !left {
			b.WriteString(gap)
		}
		b.WriteString(w)
		gap = " "
		if right {
			gap = ""
		}
	}
	return b.String()
}

// attach reports on which sides a word has no space. It counts quotation marks: every second one
// closes.
func attach(word, previous string, quotes map[string]int) (left, right bool) {
	t := table()
	first, _ := utf8.DecodeRuneInString(word)
	switch {
	case t.isCJK(first):
		last, _ := utf8.DecodeLastRuneInString(previous)
		return previous != "" && t.isCJK(last), false
	case all(word, t.opens):
		return false, true
	case all(word, closes):
		return true, false
	case previous != "" && t.isContraction(word):
		return true, false
	case all(word, func(r rune) bool { return strings.ContainsRune("'\"„“`", r) }):
		key := word
		if all(word, func(r rune) bool { return strings.ContainsRune("„“”", r) }) {
			key = `"`
		}
		if quotes[key]%2 == 0 && word == "'" && strings.HasSuffix(previous, "s") {
			return true, false // the mothers' house
		}
		quotes[key]++
		return quotes[key]%2 == 0, quotes[key]%2 == 1
	}
	return false, false
}

// all reports whether every character of the word passes.
func all(word string, pass func(rune) bool) bool {
	return strings.IndexFunc(word, func(r rune) bool { return !pass(r) }) < 0
}

func (t *classSet) isCJK(r rune) bool {
	_, ok := find(t.cjk, r)
	return ok
}

// opens reports whether the next word follows the character without a space, as after currencies
// and opening brackets.
func (t *classSet) opens(r rune) bool {
	_, ok := find(t.currency, r)
	return ok || strings.ContainsRune("([{¿¡", r)
}

func closes(r rune) bool { return strings.ContainsRune(`,.?!:;\%}])`, r) }

// isContraction reports whether the word is an apostrophe followed by a letter.
func (t *classSet) isContraction(word string) bool {
	rest, ok := strings.CutPrefix(word, "'")
	if !ok || rest == "" {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	if r < utf8.RuneSelf {
		return is(t.ascii[r], flagAlpha)
	}
	_, isVirama := find(t.virama, r)
	return is(t.code(r), flagAlpha) && !isVirama
}
