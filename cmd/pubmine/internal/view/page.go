package view

import (
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/schemas"
)

// ANSI escape sequences.
const (
	reset = "\x1b[0m"
	bold  = "\x1b[1m"
)

// colorOf gives each type of mention its colour.
func colorOf(typ string) string {
	switch typ {
	case "Chemical":
		return "\x1b[32m"
	case "Disease":
		return "\x1b[31m"
	case "Gene":
		return "\x1b[34m"
	case "Species":
		return "\x1b[35m"
	case "Variant":
		return "\x1b[33m"
	}
	return "\x1b[36m"
}

// Bold returns a text in bold type where colours can be shown.
func (s Style) Bold(text string) string {
	if !s.Color {
		return text
	}
	return bold + text + reset
}

// page collects lines, in which texts are inert: it is written to terminals itself.
type page struct {
	style Style
	out   strings.Builder
}

func (p *page) flush(w io.Writer) error {
	_, err := io.WriteString(w, p.out.String())
	return err
}

func (p *page) gap() { p.out.WriteByte('\n') }

func (p *page) line(s, color string) {
	p.out.WriteString(p.paint(inert.Line(s), color) + "\n")
}

func (p *page) paint(s, color string) string {
	if !p.style.Color || color == "" {
		return s
	}
	return color + s + reset
}

// text prints a paragraph, its lines indented.
func (p *page) text(s string, indent int) {
	points := []rune(s)
	p.paragraph(p.words(points, 0, len(points), nil), indent)
}

// marked prints points[start:end] as a paragraph with its mentions marked.
func (p *page) marked(points []rune, start, end int, mentions []schemas.MentionRow) {
	p.paragraph(p.words(points, start, end, mentions), 0)
}

// legend names the colours in use.
func (p *page) legend(mentions []schemas.MentionRow) {
	var types []string
	for _, m := range mentions {
		if !slices.Contains(types, m.Type) {
			types = append(types, m.Type)
		}
	}
	for i, t := range types {
		types[i] = p.paint(inert.Line(t), colorOf(t))
	}
	p.out.WriteString(strings.Join(types, "  ") + "\n")
}

// word is what stays on one line: what is printed, and the columns that it takes.
type word struct {
	text  string
	width int
}

// words cuts points[start:end] at white space. A mention of several words is marked at its ends, or
// coloured in each word.
func (p *page) words(points []rune, start, end int, mentions []schemas.MentionRow) []word {
	var words []word
	var b strings.Builder
	width := 0
	color := ""
	put := func(s string) {
		s = inert.Line(s)
		b.WriteString(s)
		for _, r := range s {
			width += columns(r)
		}
	}
	finish := func() {
		if color != "" {
			b.WriteString(reset)
		}
		if width > 0 {
			words = append(words, word{b.String(), width})
		}
		b.Reset()
		b.WriteString(color)
		width = 0
	}
	next := 0
	for i := start; i < end; i++ {
		for next < len(mentions) && int(mentions[next].DocEnd) <= i {
			next++
		}
		if next < len(mentions) && int(mentions[next].DocStart) == i {
			if color = p.open(mentions[next]); color != "" {
				b.WriteString(color)
			} else {
				put("[")
			}
		}
		if unicode.IsSpace(points[i]) {
			finish()
		} else {
			put(string(points[i]))
		}
		if next < len(mentions) && int(mentions[next].DocEnd) == i+1 {
			if color != "" {
				b.WriteString(reset)
				color = ""
			} else {
				put("]" + mentions[next].Type)
			}
		}
	}
	finish()
	return words
}

// open returns the colour that begins a mention, or "" where there are no colours.
func (p *page) open(m schemas.MentionRow) string {
	if p.style.Color {
		return colorOf(m.Type)
	}
	return ""
}

// columns is the width of a character: none for combining marks, two for the scripts that are
// printed wide.
func columns(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana):
		return 2
	}
	return 1
}

func (p *page) paragraph(words []word, indent int) {
	at := 0
	for i, w := range words {
		switch {
		case i == 0:
			p.out.WriteString(strings.Repeat(" ", indent))
			at = indent
		case p.style.Width > 0 && at+1+w.width > p.style.Width:
			p.out.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		default:
			p.out.WriteByte(' ')
			at++
		}
		p.out.WriteString(w.text)
		at += w.width
	}
	if len(words) > 0 {
		p.out.WriteByte('\n')
	}
}
