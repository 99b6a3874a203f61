package view

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/schemas"
)

// Table is lines of a name and a value, the values aligned.
type Table struct{ rows [][2]string }

// Add appends a line.
func (t *Table) Add(name string, value any) {
	t.rows = append(t.rows, [2]string{inert.Line(name), inert.Line(fmt.Sprint(value))})
}

// Counts appends the numbers of rows: documents, sentences, mentions by type, relations, summaries,
// answers, labels and vectors where there are any, rejects by kind.
func (t *Table) Counts(c schemas.Counts) {
	for _, name := range []string{
		"documents", "sentences", "mentions", "relations", "summaries", "answers", "labels", "vectors", "rejects",
	} {
		if (name == "answers" || name == "labels" || name == "vectors") && c.Rows[name] == 0 {
			continue
		}
		t.Add(name, Number(c.Rows[name]))
		switch name {
		case "mentions":
			t.parts(c.Mentions)
		case "rejects":
			t.parts(c.Rejects)
		}
	}
}

// parts appends what a number is made of, largest first.
func (t *Table) parts(of map[string]int64) {
	names := slices.SortedFunc(maps.Keys(of), func(a, b string) int {
		if of[a] != of[b] {
			return int(of[b] - of[a])
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		t.Add("  "+name, Number(of[name]))
	}
}

// Write prints the lines: numbers end in one column, other values begin in it.
func (t *Table) Write(w io.Writer) error {
	left, right := 0, 0
	for _, r := range t.rows {
		left = max(left, utf8.RuneCountInString(r[0]))
		if numeric(r[1]) {
			right = max(right, utf8.RuneCountInString(r[1]))
		}
	}
	for _, r := range t.rows {
		width := right
		if !numeric(r[1]) {
			width = 0
		}
		if _, err := fmt.Fprintf(w, "%-*s  %*s\n", left, r[0], width, r[1]); err != nil {
			return err
		}
	}
	return nil
}

func numeric(s string) bool { return s != "" && strings.Trim(s, "0123456789,.") == "" }

// Number prints an integer with commas between thousands.
func Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// FLOPS prints floating-point operations per second.
func FLOPS(n float64) string {
	if n >= 1e12 {
		return fmt.Sprintf("%.1f TFLOP/s", n/1e12)
	}
	return fmt.Sprintf("%.1f GFLOP/s", n/1e9)
}

// Bytes prints a number of bytes with two or three digits.
func Bytes(n int64) string {
	x, unit := float64(n), 0
	units := []string{"B", "kB", "MB", "GB", "TB"}
	for x >= 999.5 && unit+1 < len(units) {
		x, unit = x/1000, unit+1
	}
	if unit > 0 && x < 9.95 {
		return fmt.Sprintf("%.1f %s", x, units[unit])
	}
	return fmt.Sprintf("%.0f %s", x, units[unit])
}
