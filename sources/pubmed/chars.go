package pubmed

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"unicode/utf8"
)

// nameLen returns the length of the XML name at the beginning of b. Every character beyond ASCII is
// allowed.
func nameLen(b []byte) int {
	n := 0
	for n < len(b) && isNameByte(b[n]) {
		n++
	}
	if n > 0 && (b[0] == '-' || b[0] == '.' || '0' <= b[0] && b[0] <= '9') {
		return 0
	}
	return n
}

func isNameByte(c byte) bool { return nameBytes[c] }

var nameBytes = func() (table [256]bool) {
	for i := range table {
		c := byte(i)
		table[i] = 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= utf8.RuneSelf ||
			c == '_' || c == '-' || c == '.' || c == ':'
	}
	return table
}()

// xmlSpace has the white space of the XML specification.
const xmlSpace = " \t\r\n"

func isXMLSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// badChar returns the index of the first byte in b that is not UTF-8 or belongs to a character that
// XML 1.0 forbids, or -1.
func badChar(b []byte) int {
	for i := 0; i < len(b); i++ {
		// Eight bytes at a time until one is below ' ': the borrow of the subtraction then sets its
		// high bit.
		for len(b)-i >= 8 {
			if w := binary.LittleEndian.Uint64(b[i:]); (w-0x2020202020202020)&^w&0x8080808080808080 != 0 {
				break
			}
			i += 8
		}
		if i < len(b) && b[i] < ' ' && !isXMLSpace(b[i]) {
			return i
		}
	}
	for _, banned := range [...]string{"\uFFFE", "\uFFFF"} {
		if i := bytes.Index(b, []byte(banned)); i >= 0 {
			return i
		}
	}
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; ; {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
}

// reference resolves the reference at the beginning of b, one of the five predefined entities or a
// character number, and returns its length. The length is 0 if it is neither: entities declared by
// a DTD are not known.
func reference(b []byte) (rune, int) {
	n := bytes.IndexByte(b[:min(len(b), 12)], ';')
	if n < 2 {
		return 0, 0
	}
	switch name := string(b[1:n]); name {
	case "amp":
		return '&', n + 1
	case "lt":
		return '<', n + 1
	case "gt":
		return '>', n + 1
	case "quot":
		return '"', n + 1
	case "apos":
		return '\'', n + 1
	default:
		if r, ok := character(name); ok {
			return r, n + 1
		}
	}
	return 0, 0
}

// character resolves "#8211" and "#x2013".
func character(name string) (rune, bool) {
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	v, err := strconv.ParseUint(digits, base, 32)
	if err != nil || v > utf8.MaxRune {
		return 0, false
	}
	r := rune(v)
	legal := r >= ' ' || r == '\t' || r == '\n' || r == '\r'
	return r, legal && utf8.ValidRune(r) && r != 0xFFFE && r != 0xFFFF
}
