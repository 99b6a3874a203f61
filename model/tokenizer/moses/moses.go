// Package moses cuts English text into words as Moses' tokenizer does, in the form that BioGPT was
// trained on: sacremoses' MosesTokenizer("en").tokenize(text, aggressive_dash_splits=True,
// escape=True), and joins words to text again as its MosesDetokenizer("en") does. Every word has
// its bytes in the text.
//
// The rules, in order (reference biogpt.md, "Tokenizer", items 1 and 2; sacremoses 0.2.0):
//
//  1. runs of white space become one space, other characters below U+0020 are deleted, the ends are
//     trimmed;
//  2. every character that is neither a letter, a digit nor one of . ' ` , - gets a space on both
//     sides;
//  3. a hyphen between two letters or digits becomes the word "@-@";
//  4. two or more dots are a word;
//  5. commas are words, except between numbers;
//  6. five rules for apostrophes: "dog 's", "don 't", "90 's", "5 ' -", "x '";
//  7. a final dot is a word, unless the rest holds both a dot and a letter, is a known
//     abbreviation, or the next word begins in lower case;
//  8. ".'" at the very end is two words;
//  9. "DOTMULTI" becomes "." (an accident of how the reference does 4, kept), and & | < > ' " [ ]
//     are escaped as in XML.
//
// The reference rewrites a string repeatedly; a match of a rule consumes characters, which the next
// match of the same rule cannot see, and the number of spaces matters to the rules for apostrophes.
// The Splitter therefore makes the same rewritings, on a sequence of symbols that keep their
// origin.
package moses

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pubmine/pubmine/schemas"
)

// Word is one word and its place in the text.
type Word struct {
	Text string // in Moses' form: "&amp;" for "&", "@-@" for a joining hyphen
	schemas.Span
	// Chars maps Text to the source character by character. It is nil when Text is the source text
	// itself.
	Chars []Char
}

// Char is one source character of a Word: its end in Word.Text, and its bytes in the source.
type Char struct {
	Written int
	schemas.Span
}

// Symbol codes. Below space they are sets of the flags; the others are characters with rules of
// their own.
const (
	flagAlpha byte = 1 << iota
	flagAlnum
	flagNumber
	flagLower
	flagAlone   // rule 2 puts spaces around it
	flagEscaped // written in another form than in the text
	space       = 0x80
	comma       = 0x81
	apostrophe  = 0x82
	dot         = 0x83
	hyphen      = 0x84 // not (yet) known to join
	dots        = 0x85 // two or more
	dash        = 0x86 // a joining hyphen
	plain       = 0x87 // other characters that rule 2 leaves alone
)

// is reports whether the code has one of the flags.
func is(code, flags byte) bool { return code < space && code&flags != 0 }

// Splitter cuts texts into words. The zero value is usable. It reuses its buffers and is not safe
// for concurrent use.
type Splitter struct {
	text       string
	code       []byte         // one per symbol
	span       []schemas.Span // one per symbol; meaningless for inserted spaces
	code2      []byte         // output of a rule
	span2      []schemas.Span
	words      []Word
	chars      []Char
	written    []byte // words in another form than in the text, concatenated
	late       []late
	deleted    bool // rule 1 deleted something: words need not be substrings
	dotsMarker bool // the text may contain "DOTMULTI"
}

// Split returns the words of the text. They are valid until the next call.
//
// Words are in text order and do not overlap; every character is in one of them, except white space
// and the characters that rule 1 deletes.
func (s *Splitter) Split(text string) []Word {
	s.text, s.deleted = text, false
	s.code, s.span, s.words, s.chars = s.code[:0], s.span[:0], s.words[:0], s.chars[:0]
	s.written, s.late = s.written[:0], s.late[:0]
	s.read()
	s.dotsMarker = strings.Contains(text, "DOTMULTI") || s.deleted && strings.Contains(text, "MULTI")
	if bytes.IndexByte(s.code, comma) >= 0 {
		s.splitCommas()
	}
	if bytes.IndexByte(s.code, apostrophe) >= 0 {
		s.splitApostrophes()
	}
	s.cut()
	s.finish()
	return s.words
}

// read turns the text into symbols: rules 1 to 4.
func (s *Splitter) read() {
	classes := table()
	pending, afterSpace := 0, false // spaces are held back, so that none remain at the end
	for i := 0; i < len(s.text); {
		b, r, width := s.text[i], rune(s.text[i]), 1
		var code byte
		if b < utf8.RuneSelf {
			code = classes.ascii[b]
		} else {
			r, width = utf8.DecodeRuneInString(s.text[i:])
			code = classes.code(r)
		}
		at := schemas.Span{Start: i, End: i + width}
		i += width
		if code == space || b < ' ' {
			if !isSpace(r) {
				s.deleted, afterSpace = true, false
			} else if !afterSpace {
				pending, afterSpace = pending+1, true
			}
			continue
		}
		afterSpace = false
		if len(s.code) > 0 {
			if pending == 0 && s.joins(code, at) {
				continue
			}
			if s.code[len(s.code)-1] == dots {
				s.push(space, at)
			}
			for ; pending > 0; pending-- {
				s.push(space, at)
			}
		}
		pending = 0
		if is(code, flagAlone) {
			s.push(space, at)
			s.push(code, at)
			s.push(space, at)
			continue
		}
		s.push(code, at)
		if is(code, flagAlnum) {
			i = s.readRun(classes, i)
		}
	}
}

// readRun reads the ASCII letters and digits that begin at i, and returns where they end. Most text
// consists of such runs, within which no rule applies.
func (s *Splitter) readRun(classes *classSet, i int) int {
	end := i
	for end < len(s.text) && s.text[end] < utf8.RuneSelf && is(classes.ascii[s.text[end]], flagAlnum) {
		end++
	}
	n := len(s.code)
	s.code, s.span = slices.Grow(s.code, end-i)[:n+end-i], slices.Grow(s.span, end-i)[:n+end-i]
	code, span := s.code[n:], s.span[n:]
	for k, b := range []byte(s.text[i:end]) {
		code[k], span[k] = classes.ascii[b&(utf8.RuneSelf-1)], schemas.Span{Start: i + k, End: i + k + 1}
	}
	return end
}

// joins handles the symbol where it changes the one before it: the second dot of a run, and a
// letter or digit after a hyphen. It reports whether the symbol needs no further processing.
func (s *Splitter) joins(code byte, at schemas.Span) bool {
	n := len(s.code)
	switch last := s.code[n-1]; {
	case code == dot && last == dots:
		s.span[n-1].End = at.End
		return true
	case code == dot && last == dot:
		run := schemas.Span{Start: s.span[n-1].Start, End: at.End}
		s.code[n-1] = space
		s.push(dots, run)
		return true
	case last == hyphen && is(code, flagAlnum) && n >= 2 && is(s.code[n-2], flagAlnum):
		mark := s.span[n-1]
		s.code[n-1] = space
		s.push(dash, mark)
		s.push(space, mark)
	}
	return false
}

func (s *Splitter) push(code byte, at schemas.Span) {
	s.code = append(s.code, code)
	s.span = append(s.span, at)
}

// isSpace reports whether Python's \s matches the character: Go's white space and the four
// separators below U+0020.
func isSpace(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }
