// Package sentence splits biomedical English into sentences.
//
// The splitter applies rules about the neighbouring words to every possible end of a sentence; the
// word lists are in words.txt. A sentence ends
//
//   - always at a blank line: headings, list items and paragraphs are separate sentences. A single
//     line break is a space;
//   - possibly after . ? or ! with closing brackets and quotation marks, before white space and a
//     possible beginning of a sentence: a capital, a digit, an opening bracket, or a name such as
//     "c-Fos", "p53", "mRNA", "α-catenin";
//   - possibly after a dot without a space: "of cells.The gene was", "proteins.(ABSTRACT TRUNCATED
//     AT 250 WORDS)";
//   - possibly after a citation that follows the dot: "as shown.(12) The", "as shown.12 The".
//
// A dot does not end a sentence within a number, after an abbreviation ("Fig. 2", "vs.", "et al."),
// after an initial ("J. Smith") unless the letter is a name ("vitamin C. The"), before lower case
// ("E. coli"), after the number of a list item ("1. Mice"), or inside brackets that close soon
// after.
//
// Spans are in order, do not overlap, begin and end with a character that is not white space, and
// contain every such character of the text. No span begins or ends within a run of letters or of
// digits.
package sentence

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/schemas"
)

// Version is the version of this package. Increase it with every change, of code or of words.txt,
// that can change the sentences of the same text: results of another version are computed again.
const Version = 1

// Split returns the sentences of the text, without the white space around them.
func Split(text string) []schemas.Span {
	var spans []schemas.Span
	start := 0
	for at := 0; at < len(text); {
		n := strings.IndexAny(text[at:], ".?!\n")
		if n < 0 {
			break
		}
		at += n
		end := at + 1
		if text[at] == '\n' {
			if !blankLine(text[end:]) {
				at = end
				continue
			}
		} else {
			c := candidate{text: text, start: start, mark: at}
			if end = c.end(); end == 0 {
				at++
				continue
			}
		}
		spans = appendTrimmed(spans, text, start, end)
		start, at = end, end
	}
	return appendTrimmed(spans, text, start, len(text))
}

// blankLine reports whether there is only white space before the next line break.
func blankLine(text string) bool {
	line, _, found := strings.Cut(text, "\n")
	return found && strings.TrimSpace(line) == ""
}

// appendTrimmed appends [start, end) without the white space at its ends, if anything remains.
func appendTrimmed(spans []schemas.Span, text string, start, end int) []schemas.Span {
	part := strings.TrimLeftFunc(text[start:end], unicode.IsSpace)
	start = end - len(part)
	part = strings.TrimRightFunc(part, unicode.IsSpace)
	if part == "" {
		return spans
	}
	return append(spans, schemas.Span{Start: start, End: start + len(part)})
}

// candidate is a mark that may end the sentence that begins at start.
type candidate struct {
	text        string
	start, mark int
}

const (
	openers = "([{\"'“‘«"
	closers = ")]}\"'”’»"
)

// end returns where the sentence ends, or 0 if it continues.
func (c candidate) end() int {
	end := c.mark + 1
	for end < len(c.text) {
		r, width := utf8.DecodeRuneInString(c.text[end:])
		if !strings.ContainsRune(closers, r) {
			break
		}
		end += width
	}
	rest := c.text[end:]
	next := strings.TrimLeftFunc(rest, unicode.IsSpace)
	switch {
	case next == "":
		return len(c.text)
	case len(next) == len(rest):
		return c.endWithoutSpace(end)
	case !begins(next) || c.insideBrackets(end) || c.text[c.mark] == '.' && c.belongs(next, end):
		return 0
	}
	return end
}

// before returns the word before the mark, without opening brackets and quotation marks, and the
// word before that.
func (c candidate) before() (word, previous string) {
	fields := c.text[c.start:c.mark]
	cut := strings.LastIndexFunc(fields, unicode.IsSpace)
	word = strings.TrimLeft(fields[cut+1:], openers)
	if cut < 0 {
		return word, ""
	}
	fields = strings.TrimRightFunc(fields[:cut], unicode.IsSpace)
	return word, fields[strings.LastIndexFunc(fields, unicode.IsSpace)+1:]
}

// belongs reports whether the dot is part of the word before it, and the sentence continues with
// next.
func (c candidate) belongs(next string, end int) bool {
	words := list()
	word, previous := c.before()
	lower := strings.ToLower(word)
	starts := words.has("starters", strings.ToLower(firstWord(next))) && startsUpper(next)
	switch {
	case word == "" || word == "-":
		return startsDigit(next)
	case words.has("numbered", lower) && startsDigit(next) || c.listItem(word, previous):
		return true
	case words.has("never", lower):
		return end == c.mark+1 || !starts // "(see Fig.) The"
	case words.has("seldom", lower):
		return !starts
	}
	return isInitial(word) && !starts && !isLetterName(word, previous)
}

// isLetterName reports whether a capital is a name, according to the word before it: "vitamin C",
// "10(-9) M", "gene D".
func isLetterName(word, previous string) bool {
	if len(word) > 1 || previous == "" {
		return false
	}
	words, lower := list(), strings.ToLower(previous)
	if words.has("lettered", lower) || words.has("lettered", lower[strings.LastIndexByte(lower, '-')+1:]) {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(previous)
	return previous == lower && last != ',' && last != '.' && !words.has("connecting", lower)
}

// listItem reports whether the word before the mark numbers an item: "1.", "A.", "iv." at the
// start, or a number after a colon.
func (c candidate) listItem(word, previous string) bool {
	if previous == "" {
		return len(word) <= 2 && strings.IndexFunc(word, func(r rune) bool { return !unicode.IsDigit(r) }) < 0 ||
			isInitial(word) ||
			strings.Trim(word, "ivx") == ""
	}
	return len(word) == 1 && strings.HasSuffix(previous, ":")
}

// isInitial reports whether the word is one capital, or capitals with dots: "J", "J.P", "J.-P".
func isInitial(word string) bool {
	capitals := 0
	for _, r := range word {
		switch {
		case unicode.IsUpper(r):
			capitals++
			if capitals > 1 && !strings.ContainsAny(word, ".-") {
				return false
			}
		case r != '.' && r != '-':
			return false
		}
	}
	return capitals > 0 && (capitals == 1 || strings.Contains(word, "."))
}

// insideBrackets reports whether the mark is inside brackets that were opened in this sentence and
// close soon.
func (c candidate) insideBrackets(end int) bool {
	const soon, recent = 100, 1000 // bytes; limits, so that the time is linear for any text
	depth := 0
	for i := max(c.start, end-recent); i < end; i++ {
		switch c.text[i] {
		case '(', '[':
			depth++
		case ')', ']':
			depth = max(0, depth-1)
		}
	}
	if depth == 0 {
		return false
	}
	for i := end; i < len(c.text) && i < end+soon; i++ {
		switch c.text[i] {
		case '(', '[':
			depth++
		case ')', ']':
			if depth--; depth == 0 {
				return true
			}
		case '\n':
			return false
		}
	}
	return false
}

// begins reports whether a sentence can begin with next.
func begins(next string) bool {
	next = strings.TrimLeft(next, openers+"*†‡§")
	r, _ := utf8.DecodeRuneInString(next)
	return unicode.IsUpper(r) || unicode.IsDigit(r) || unicode.IsTitle(r) ||
		unicode.IsLower(r) && (isName(next) || item.MatchString(next))
}

// item is the number of an item of a list, after its opening bracket: "(iv) ", "(a) ".
var item = regexp.MustCompile(`^(?:[ivx]+|[a-h])\) `)

// isName reports whether the text begins with the name of a gene or a molecule in lower case: a
// word with a capital or a digit, or that begins with a Greek letter or with a letter and a hyphen.
func isName(text string) bool {
	word := firstToken(text)
	words := list()
	if prefix, _, ok := strings.Cut(word, "-"); ok && words.has("prefixes", prefix) {
		return true
	}
	if words.has("greek", word) {
		rest := text[min(len(text), len(word)+1):]
		return startsDigit(rest) || startsUpper(rest)
	}
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.Is(unicode.Greek, r) ||
		strings.IndexFunc(word, func(r rune) bool { return unicode.IsUpper(r) || unicode.IsDigit(r) }) > 0
}

// firstToken returns the text before the first white space.
func firstToken(text string) string {
	if i := strings.IndexFunc(text, unicode.IsSpace); i >= 0 {
		return text[:i]
	}
	return text
}

// firstWord returns the letters at the start of the text, after opening brackets and quotation
// marks.
func firstWord(text string) string {
	text = strings.TrimLeft(text, openers)
	if i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }); i >= 0 {
		return text[:i]
	}
	return text
}

func startsDigit(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsDigit(r)
}

func startsUpper(text string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, openers))
	return unicode.IsUpper(r)
}
