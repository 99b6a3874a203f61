// Package normalize maps the spellings of a name to one key, so that a look-up does not depend on
// how an author writes it:
//
//   - case: "Aspirin", "ASPIRIN"
//   - hyphens, spaces and other signs: "IL-2", "IL 2", "IL2"; "beta-catenin", "betacatenin"
//   - simple plurals: "seizures", "antibodies", "viruses"
//   - Greek letters and their names: "TNF-α", "TNF-alpha"; and the micro sign
//   - accents: "Sjögren", "Sjogren"
//   - British spelling in words of at least six letters: "haemorrhage", "oedema", "tumour",
//     "sulphate", "fibre", "ionisation"
//
// A name is a sequence of words, which are runs of letters, digits and combining marks. The key of
// a name is the sequence of the keys of its words, with a [Separator] only between two digits:
// "1,2" is not "12". So the keys of the words of a text can be computed once, and the key of each
// sequence of words is a part of them.
package normalize

import (
	"unicode"
	"unicode/utf8"
)

// Separator stands in a key between two words if the first ends in a digit and the second begins
// with one.
const Separator = '.'

// Key appends the key of a name to dst. The key is empty if the name has no word.
func Key(dst []byte, name string) []byte {
	first := len(dst)
	for start, end := Next(name, 0); start < end; start, end = Next(name, end) {
		if len(dst) == first {
			dst = Word(dst, name[start:end])
		} else {
			dst = Append(dst, name[start:end])
		}
	}
	return dst
}

// Append appends the key of a word to the keys of the words before it, with a Separator where one
// belongs.
func Append(dst []byte, word string) []byte {
	from := len(dst)
	dst = Word(dst, word)
	if from > 0 && from < len(dst) && digit(dst[from-1]) && digit(dst[from]) {
		dst = append(dst, 0)
		copy(dst[from+1:], dst[from:])
		dst[from] = Separator
	}
	return dst
}

// Next returns the bounds of the first word of a text that begins at or after byte at, which is the
// first byte of a code point. Both bounds are len(text) if there is none.
func Next(text string, at int) (start, end int) {
	start = at
	for start < len(text) && lower[text[start]] == 0 {
		if text[start] < utf8.RuneSelf {
			start++
			continue
		}
		n, ok := wordRune(text, start)
		if ok {
			break
		}
		start += n
	}
	end = start
	for end < len(text) {
		if lower[text[end]] != 0 {
			end++
			continue
		}
		n, ok := wordRune(text, end)
		if !ok {
			break
		}
		end += n
	}
	return start, end
}

// wordRune returns the length of the code point at byte i, and whether it is part of a word.
func wordRune(text string, i int) (n int, ok bool) {
	if c := text[i]; c < utf8.RuneSelf {
		return 1, lower[c] != 0
	}
	r, n := utf8.DecodeRuneInString(text[i:])
	return n, unicode.In(r, unicode.L, unicode.N, unicode.M)
}

// lower has the lower case of each ASCII letter and digit, and 0 for the other bytes.
var lower = func() (table [256]byte) {
	for c := range byte(utf8.RuneSelf) {
		if digit(c) || letter(c|0x20) {
			table[c] = c
		}
		if 'A' <= c && c <= 'Z' {
			table[c] = c | 0x20
		}
	}
	return table
}()

// Word appends the key of one word to dst.
func Word(dst []byte, word string) []byte {
	first := len(dst)
	for i := 0; i < len(word); i++ {
		if c := lower[word[i]]; c != 0 {
			dst = append(dst, c)
			continue
		}
		r, n := utf8.DecodeRuneInString(word[i:])
		dst = appendRune(dst, r)
		i += n - 1
	}
	key := dst[first:]
	if len(key) >= 6 {
		key = american(key)
	}
	return dst[:first+len(singular(key))]
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func letter(c byte) bool { return 'a' <= c && c <= 'z' }
