package pubmed

import (
	"bytes"
	"io"
)

const (
	// maxName is the number of bytes that identify a tag: the longest name has 20.
	maxName = 64
	// A window is small at first, because most are only used to sniff. It doubles with every read
	// up to fullWindow, and beyond that up to twice the size of the largest record.
	firstWindow = 16 << 10
	fullWindow  = 256 << 10
)

// window is the part of a stream in memory, usually from the beginning of a record.
type window struct {
	r    io.Reader
	buf  []byte
	from int   // the next read drops the bytes before
	pos  int   // of the splitter
	most int   // maximum number of bytes that are kept
	full bool  // a read failed because more than most bytes would be kept
	err  error // of the stream, other than io.EOF
	over bool  // the stream has ended
	base int   // offset of buf in the stream
	// searched is the offset in the stream up to which passTo found no such mark. Without it, many
	// marks that are opened and never closed would each search the same bytes.
	searched map[string]int
}

// keep keeps the bytes from here on.
func (w *window) keep() { w.from, w.full = w.pos, false }

// kept returns the bytes kept so far.
func (w *window) kept() []byte { return w.buf[w.from:w.pos] }

// fill reads more bytes. It returns false at the end of the stream, or if there is no room.
func (w *window) fill() bool {
	if w.over || w.err != nil {
		return false
	}
	if len(w.buf)-w.from > w.most {
		w.full = true
		return false
	}
	held := len(w.buf) - w.from
	if w.from > 0 {
		copy(w.buf, w.buf[w.from:])
	}
	w.base += w.from
	w.buf, w.pos, w.from = w.buf[:held], w.pos-w.from, 0
	if held*2 > cap(w.buf) || cap(w.buf) < fullWindow {
		w.buf = append(make([]byte, 0, max(firstWindow, 2*cap(w.buf))), w.buf...)
	}
	for range 100 {
		n, err := w.r.Read(w.buf[held:cap(w.buf)])
		w.buf = w.buf[:held+n]
		if err == io.EOF {
			w.over = true
		} else if err != nil {
			w.err = err
		}
		if n > 0 || err != nil {
			return n > 0
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// look returns the next n bytes, fewer at the end of the stream, without moving.
func (w *window) look(n int) []byte {
	if b := w.buf[w.pos:]; len(b) >= n {
		return b[:n]
	}
	for len(w.buf)-w.pos < n && w.fill() {
	}
	return w.buf[w.pos:min(len(w.buf), w.pos+n)]
}

// tag moves to the next '<'.
func (w *window) tag() bool {
	for {
		if i := bytes.IndexByte(w.buf[w.pos:], '<'); i >= 0 {
			w.pos += i
			return true
		}
		w.pos = len(w.buf)
		if !w.fill() {
			return false
		}
	}
}

// passText moves to the next '<' without keeping anything. It returns the beginning of the text in
// between, if it is not only white space.
func (w *window) passText() (junk string, found bool) {
	for {
		w.keep()
		i := bytes.IndexByte(w.buf[w.pos:], '<')
		if found = i >= 0; !found {
			i = len(w.buf) - w.pos
		}
		if text := bytes.TrimLeft(w.buf[w.pos:w.pos+i], xmlSpace); junk == "" && len(text) > 0 {
			junk = w.shown(text)
		}
		if w.pos += i; found {
			return junk, true
		}
		w.keep()
		if !w.fill() {
			return junk, false
		}
	}
}

// shown returns the beginning of b, for a message.
func (w *window) shown(b []byte) string { return string(b[:min(len(b), 40)]) }

// passTag moves past the current tag. It reports whether the tag is complete, and whether it is
// that of an empty element.
func (w *window) passTag() (complete, empty bool) {
	var quote byte
	for i := 1; ; i++ {
		if w.pos+i >= len(w.buf) && !w.fill() {
			return false, false
		}
		switch c := w.buf[w.pos+i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '<':
			return false, false
		case c == '>':
			empty = w.buf[w.pos+i-1] == '/'
			w.pos += i + 1
			return true, empty
		}
	}
}

// passMarkup moves past a comment, CDATA section or processing instruction. It reports whether
// there is one, and whether it is complete; it does not move past an incomplete one.
func (w *window) passMarkup() (passed, complete bool) {
	for _, m := range [...]struct{ open, close string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}} {
		if bytes.HasPrefix(w.look(len(m.open)), []byte(m.open)) {
			return true, w.passTo(len(m.open), m.close)
		}
	}
	return false, false
}

// passTo moves past the next closing mark.
func (w *window) passTo(at int, mark string) bool {
	at = max(at, w.searched[mark]-w.base-w.pos)
	for {
		if i := bytes.Index(w.buf[w.pos+at:], []byte(mark)); i >= 0 {
			w.pos += at + i + len(mark)
			return true
		}
		at = max(at, len(w.buf)-w.pos-len(mark))
		if !w.fill() {
			w.searched[mark] = w.base + w.pos + at
			return false
		}
	}
}

// passDoctype moves past a DOCTYPE without keeping anything. Its internal subset is not read:
// entities stay undeclared.
func (w *window) passDoctype() bool {
	for depth := 0; ; {
		w.keep()
		b := w.look(maxName)
		complete := true
		switch {
		case len(b) == 0:
			return false
		case depth > 0 && (bytes.HasPrefix(b, []byte("<!--")) || b[0] == '<' && len(b) > 1 && b[1] == '?'):
			_, complete = w.passMarkup()
		case b[0] == '"' || b[0] == '\'':
			complete = w.passTo(1, string(b[:1]))
		case b[0] == '<':
			depth++
			w.pos++
		case b[0] == '>':
			depth--
			if w.pos++; depth == 0 {
				return true
			}
		default:
			w.pos++
		}
		if !complete {
			return false
		}
	}
}
