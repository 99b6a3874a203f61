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
	"slices"
	"unicode"
	"unicode/utf8"
)

// Separator stands in a key between two words if the first ends in a digit and the second begins
// with one.
const Separator = '.'

// Key returns the key of a name, in the memory of buf if it fits. The key is empty if the name has
// no word.
func Key(buf []byte, name string) []byte {
	buf = buf[:0]
	for end := 0; end < len(name); {
		buf, _, end = Next(buf, name, end)
	}
	return buf
}

// Next finds the first word of a text that begins at or after byte at, which is the first byte of a
// code point. It appends the key of the word to the keys of the words before it, with a Separator
// where one belongs, and returns the bounds of the word. Both are len(text) if there is none.
func Next(keys []byte, text string, at int) (_ []byte, start, end int) {
	for start = at; start < len(text) && lower[text[start]] == 0; start++ {
		if text[start] >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(text[start:])
			if unicode.In(r, unicode.L, unicode.N, unicode.M) {
				break
			}
			start += n - 1
		}
	}
	from := len(keys)
	for end = start; end < len(text); end++ {
		c := lower[text[end]]
		if c != 0 {
			keys = append(keys, c)
			continue
		}
		if text[end] < utf8.RuneSelf {
			break
		}
		r, n := utf8.DecodeRuneInString(text[end:])
		if !unicode.In(r, unicode.L, unicode.N, unicode.M) {
			break
		}
		keys = appendRune(keys, r)
		end += n - 1
	}
	key := keys[from:]
	if len(key) >= 6 {
		key = american(key)
	}
	keys = keys[:from+len(singular(key))]
	if from > 0 && from < len(keys) && digit(keys[from-1]) && digit(keys[from]) {
		keys = slices.Insert(keys, from, Separator)
	}
	return keys, start, end
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

func digit(c byte) bool { return '0' <= c && c <= '9' }

func letter(c byte) bool { return 'a' <= c && c <= 'z' }
