// Package inert makes texts from elsewhere safe to print: abstracts, file names, replies of servers
// and model cards cannot control the terminal, reverse the order of what is read, begin lines that
// look like those of the program, or show a password.
//
// These characters are printed as escapes, such as \x1b or \u202e: controls (C0, DEL and C1), the
// controls of bidirectional text (Bidi_Control in Unicode), line and paragraph separators, and
// bytes that are not UTF-8. All others are printed as they are, with combining marks, letters of
// right-to-left scripts and emoji among them. From DEL on the escapes are those of JSON, so that
// JSON that passes a Writer means the same.
package inert

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line returns a text as one line: line ends and tabs are escaped, too.
func Line(s string) string { return escape(s, "") }

// Text returns a text of any number of lines.
func Text(s string) string { return escape(s, "\n\t") }

// escape escapes what acts on a terminal, except for the characters in keep.
func escape(s, keep string) string {
	acts := func(r rune) bool {
		return r == utf8.RuneError || active(r) && !strings.ContainsRune(keep, r)
	}
	at := strings.IndexFunc(s, acts)
	if at < 0 {
		return s
	}
	var b strings.Builder
	b.WriteString(s[:at])
	for s = s[at:]; s != ""; {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case r == utf8.RuneError || !acts(r):
			b.WriteString(s[:size])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ':
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		s = s[size:]
	}
	return b.String()
}

// active reports whether a terminal may do something else with a character than print it.
func active(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
}

// Fprintf prints like fmt.Fprintf, with the texts and errors among the arguments as lines.
func Fprintf(w io.Writer, format string, args ...any) (int, error) {
	lines := make([]any, len(args))
	for i, arg := range args {
		lines[i] = arg
		kind := reflect.ValueOf(arg).Kind()
		switch arg := arg.(type) {
		case error:
			lines[i] = Line(arg.Error())
		case fmt.Stringer:
			if kind == reflect.String || kind == reflect.Struct || kind == reflect.Pointer {
				lines[i] = Line(arg.String())
			}
		default:
			if kind == reflect.String {
				lines[i] = Line(reflect.ValueOf(arg).String())
			}
		}
	}
	return fmt.Fprintf(w, format, lines...)
}
