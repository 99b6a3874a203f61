// Package markdown writes tables as Markdown.
package markdown

import (
	"io"
	"strings"
	"unicode/utf8"
)

// Table is a Markdown table with aligned columns, so that it is readable as plain text. Columns of
// numbers are right-aligned.
type Table struct {
	head []string
	rows [][]string
}

// NewTable returns a table with these headings.
func NewTable(head ...string) *Table { return &Table{head: head} }

// Row appends a row; missing cells are empty.
func (t *Table) Row(cells ...string) {
	row := make([]string, len(t.head))
	for i := range row {
		if i < len(cells) {
			row[i] = strings.NewReplacer("|", "\\|", "\n", " ").Replace(cells[i])
		}
	}
	t.rows = append(t.rows, row)
}

// Write prints the table.
func (t *Table) Write(w io.Writer) error {
	widths, numbers := make([]int, len(t.head)), make([]bool, len(t.head))
	for i, h := range t.head {
		widths[i], numbers[i] = max(3, utf8.RuneCountInString(h)), len(t.rows) > 0
		for _, r := range t.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(r[i]))
			numbers[i] = numbers[i] && (r[i] == "" || numeric(r[i]))
		}
	}
	var b strings.Builder
	line := func(cells []string) {
		for i, c := range cells {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
			if numbers[i] {
				c, pad = pad+c, ""
			}
			b.WriteString("| " + c + pad + " ")
		}
		b.WriteString("|\n")
	}
	line(t.head)
	for i, n := range widths {
		rule := strings.Repeat("-", n)
		if numbers[i] {
			rule = rule[1:] + ":"
		}
		b.WriteString("| " + rule + " ")
	}
	b.WriteString("|\n")
	for _, r := range t.rows {
		line(r)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func numeric(s string) bool { return s != "" && strings.Trim(s, "0123456789,.") == "" }
