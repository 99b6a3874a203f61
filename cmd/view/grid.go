package view

import (
	"io"
	"strings"
	"unicode/utf8"
)

// Grid is a table with a head, as Markdown prints it: with its columns aligned, so that it reads well unrendered, too. Cells that are
// numbers end in one column.
type Grid struct {
	head []string
	rows [][]string
}

// NewGrid returns a table with these headings.
func NewGrid(head ...string) *Grid { return &Grid{head: head} }

// Row appends a row; cells that are missing are empty.
func (g *Grid) Row(cells ...string) {
	row := make([]string, len(g.head))
	for i := range row {
		if i < len(cells) {
			row[i] = strings.NewReplacer("|", "\\|", "\n", " ").Replace(cells[i])
		}
	}
	g.rows = append(g.rows, row)
}

// Write prints the table.
func (g *Grid) Write(w io.Writer) error {
	widths, numbers := make([]int, len(g.head)), make([]bool, len(g.head))
	for i, h := range g.head {
		widths[i], numbers[i] = max(3, utf8.RuneCountInString(h)), len(g.rows) > 0
		for _, r := range g.rows {
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
	line(g.head)
	for i, n := range widths {
		rule := strings.Repeat("-", n)
		if numbers[i] {
			rule = rule[1:] + ":"
		}
		b.WriteString("| " + rule + " ")
	}
	b.WriteString("|\n")
	for _, r := range g.rows {
		line(r)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
