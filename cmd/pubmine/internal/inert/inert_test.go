package inert

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// hostile draws texts with everything that acts on a terminal, and bytes that are no text.
func hostile() *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.String(), rapid.StringOf(rapid.RuneFrom(nil, unicode.Cc, unicode.Bidi_Control, unicode.Zl, unicode.Zp)),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{
			"\x1b]0;title\a", "\x9b31m", "\r\nroot#", "שלום", "e\u0301", "👩‍👩‍👧", "\ufffd", `\x1b`,
		}),
	)
	return rapid.Map(rapid.SliceOf(piece), func(s []string) string { return strings.Join(s, "") })
}

// isSafe reports whether a text has nothing that acts on a terminal beside the characters in keep.
func isSafe(s, keep string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune(keep, r) &&
			unicode.In(r, unicode.Cc, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
	})
}

func TestNothingActs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := hostile().Draw(t, "text")
		if got := Line(s); !isSafe(got, "") || Line(got) != got || isSafe(s, "") && got != s {
			t.Fatalf("%q became %q", s, got)
		}
		if got := Text(s); !isSafe(got, "\n\t") || strings.Count(got, "\n") != strings.Count(s, "\n") {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

// A Writer writes the same whatever the pieces in which a text comes.
func TestWriterInPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := hostile().Draw(t, "text")
		var b bytes.Buffer
		w := NewWriter(&b)
		for left := s; left != ""; {
			n := rapid.IntRange(1, len(left)).Draw(t, "n")
			if written, err := io.WriteString(w, left[:n]); written != n || err != nil {
				t.Fatal(written, err)
			}
			left = left[n:]
		}
		if err := w.Flush(); err != nil || b.String() != Text(s) {
			t.Fatalf("%q became %q, want %q", s, b.String(), Text(s))
		}
	})
}

// JSON means the same after a Writer.
func TestWriterKeepsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := strings.ToValidUTF8(hostile().Draw(t, "text"), "")
		var b bytes.Buffer
		e := json.NewEncoder(NewWriter(&b))
		e.SetEscapeHTML(false)
		if err := e.Encode(s); err != nil {
			t.Fatal(err)
		}
		var got string
		if err := json.Unmarshal(b.Bytes(), &got); err != nil || got != s || !isSafe(b.String(), "\n") {
			t.Fatalf("%q became %q: %v", s, b.String(), err)
		}
	})
}

func TestEscapes(t *testing.T) {
	for s, want := range map[string]string{
		"a\x1b[2Jb":              `a\x1b[2Jb`,
		"a\u009b2J":              `a\u009b2J`,
		"a\x9b2J":                `a\x9b2J`,
		"gpj.\u202efdp":          `gpj.\u202efdp`,
		"one\r\n\ttwo\x7f":       `one\r\n\ttwo\u007f`,
		"naïve שלום e\u0301 👩‍🔬": "naïve שלום e\u0301 👩‍🔬",
	} {
		if got := Line(s); got != want {
			t.Errorf("%q became %q", s, got)
		}
	}
}

type name string

func TestFprintf(t *testing.T) {
	var b bytes.Buffer
	_, err := Fprintf(&b, "%s\t%v %s %d%%\n", name("a\nb"), errors.New("c\x1bd"), "e\tf", 7)
	if want := "a\\nb\tc\\x1bd e\\tf 7%\n"; err != nil || b.String() != want {
		t.Errorf("%q, %v", b.String(), err)
	}
}

func TestRedact(t *testing.T) {
	for s, want := range map[string]string{
		"get http://user:SECRET@host:80/a?b=c: refused":      "get http://***@host:80/a?b=c: refused",
		"https://SECRET@host":                                "https://***@host",
		`"http://u:SEC@RET@host/x"`:                          `"http://***@host/x"`,
		"https://host/a?b=c&api_key=SECRET&d=e":              "https://host/a?b=c&api_key=***&d=e",
		"https://host/a?X-Amz-Signature=SECRET&Token=SECRET": "https://host/a?X-Amz-Signature=***&Token=***",
		"https://host/a?access_token=SECRET: the server":     "https://host/a?access_token=***: the server",
		"mail me@host.org, https://host/@scope/a?page=2":     "mail me@host.org, https://host/@scope/a?page=2",
	} {
		if got := Redact(s); got != want {
			t.Errorf("%s became %s", s, got)
		}
	}
}

func TestMessageWriter(t *testing.T) {
	var b bytes.Buffer
	w := NewMessageWriter(&b)
	fmt.Fprintf(w, "http://u:SECRET@h/\x1b[2J\n")
	if got := b.String(); got != "http://***@h/\\x1b[2J\n" {
		t.Errorf("%q", got)
	}
	if NewWriter(w) != w || w.Unwrap() != &b {
		t.Error("a Writer is wrapped twice, or lost its output")
	}
}
