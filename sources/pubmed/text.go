package pubmed

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// textBuffer collects text: runs of white space become one space, and are dropped at both ends.
type textBuffer struct {
	b     []byte
	space bool // there was white space after the last character
}

// add appends character data. The scanner has checked its references.
func (t *textBuffer) add(raw []byte, literal bool) {
	for len(raw) > 0 {
		n := 0
		for n < len(raw) && (plain[raw[n]] || n > 0 && single(raw[n-1:])) {
			n++
		}
		if n > 0 {
			t.gap()
			t.b = append(t.b, raw[:n]...)
			raw = raw[n:]
			continue
		}
		var r rune
		if r, n = utf8.DecodeRune(raw); r == '&' && !literal {
			r, n = reference(raw)
		}
		if unicode.IsSpace(r) {
			t.space = true
		} else {
			t.gap()
			t.b = utf8.AppendRune(t.b, r)
		}
		raw = raw[max(n, 1):]
	}
}

// single reports whether raw has a single space between plain bytes next, as between most words. It
// may be copied with them.
func single(raw []byte) bool {
	return len(raw) > 2 && raw[1] == ' ' && raw[0] != ' ' && plain[raw[2]]
}

func (t *textBuffer) gap() {
	if t.space && len(t.b) > 0 {
		t.b = append(t.b, ' ')
	}
	t.space = false
}

// plain has the bytes that are neither white space, nor '&', nor the first byte of a white space
// character.
var plain = func() (table [256]bool) {
	for c := range table {
		table[c] = c != '&' && c > ' '
	}
	for _, first := range [...]byte{0xC2, 0xE1, 0xE2, 0xE3} { // U+0085, U+00A0; U+1680; U+2000 to U+205F; U+3000
		table[first] = false
	}
	return table
}()

// content consumes the element whose start tag is the current token and returns its text.
func (d *decoder) content() string {
	d.buffer.b, d.buffer.space = d.buffer.b[:0], false
	d.mixed()
	return d.kept()
}

// kept returns the content of the buffer. All strings of a record share one block of memory,
// because most records have hundreds.
func (d *decoder) kept() string {
	if len(d.buffer.b) == 0 {
		return "" // which has no pointer to the shared memory
	}
	from := d.texts.Len()
	d.texts.Write(d.buffer.b)
	return d.texts.String()[from:]
}

func (d *decoder) mixed() {
	for {
		switch d.next() {
		case chars:
			d.buffer.add(d.text, d.literal)
		case start:
			if string(local(d.name)) == "math" {
				d.math(false)
			} else {
				d.mixed()
			}
		default:
			return
		}
	}
}

// math consumes a MathML element: only token elements have text, the rest is layout.
func (d *decoder) math(token bool) {
	for {
		switch d.next() {
		case chars:
			if token {
				d.buffer.add(bytes.Trim(d.text, xmlSpace), d.literal)
			}
		case start:
			switch string(local(d.name)) {
			case "annotation", "annotation-xml":
				d.skip()
			case "mi", "mn", "mo", "mtext", "ms", "ci", "cn":
				d.math(true)
			default:
				d.math(false)
			}
		default:
			return
		}
	}
}

// local returns a name without its namespace prefix.
func local(name []byte) []byte { return name[bytes.IndexByte(name, ':')+1:] }

// skip consumes the element whose start tag is the current token.
func (d *decoder) skip() {
	for depth := 1; depth > 0; {
		switch d.next() {
		case start:
			depth++
		case end:
			depth--
		case none:
			return
		}
	}
}

// attr returns an attribute of the current start tag, or "".
func (d *decoder) attr(name string) string {
	for _, a := range d.attrs {
		if string(a.name) == name {
			d.buffer.b, d.buffer.space = d.buffer.b[:0], false
			d.buffer.add(a.value, false)
			return d.kept()
		}
	}
	return ""
}

// attrIs reports whether attr(name) == value.
func (d *decoder) attrIs(name, value string) bool {
	for _, a := range d.attrs {
		if string(a.name) == name {
			return string(a.value) == value ||
				len(a.value) > len(value) && d.attr(name) == value // which may have references and white space
		}
	}
	return false
}

// attrOr returns an attribute, or the default of the DTD if it is absent.
func (d *decoder) attrOr(name, otherwise string) string {
	if v := d.attr(name); v != "" {
		return v
	}
	return otherwise
}
