package view

import (
	"fmt"
	"io"
	"strings"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/jobs/diff"
)

// exampleWidth is the number of characters of an example's sentence that are shown.
const exampleWidth = 90

// examples prints the examples of all tables, by type and kind of change.
func (d Diff) examples(w io.Writer) error {
	var b strings.Builder
	for i := range d.Tables {
		t := &d.Tables[i]
		for j := range t.Types {
			last := ""
			for k := range t.Types[j].Examples {
				e := &t.Types[j].Examples[k]
				if e.Change.Change != last {
					last = e.Change.Change
					fmt.Fprintf(&b, "\n%s, %s: %s\n", t.Name, inert.Line(t.Types[j].Name), kindName(t.Name, last))
				}
				b.WriteString(exampleLine(e))
			}
		}
		for j := range t.Retyped {
			r := &t.Retyped[j]
			fmt.Fprintf(&b, "\n%s, %s → %s: %s\n", t.Name, inert.Line(r.From), inert.Line(r.To), Number(r.Items))
			for k := range r.Examples {
				b.WriteString(exampleLine(&r.Examples[k]))
			}
		}
	}
	if b.Len() == 0 {
		return nil
	}
	_, err := io.WriteString(w, "\nExamples, the highest scores first\n"+b.String())
	return err
}

func kindName(table, kind string) string {
	if kind == diff.Changed {
		return changedName(table)
	}
	return kind
}

// exampleLine prints an example: its scores, its document, and what it is.
func exampleLine(e *diff.Example) string {
	score := func(x *float32) string {
		if x == nil {
			return "-"
		}
		return fmt.Sprintf("%.2f", *x)
	}
	scores := score(e.ScoreBefore) + " → " + score(e.ScoreAfter)
	switch e.Change.Change {
	case diff.Lost:
		scores = score(e.ScoreBefore)
	case diff.Gained:
		scores = score(e.ScoreAfter)
	}
	return fmt.Sprintf("  %s  PMID %d  %s\n", scores, e.PMID, inert.Line(describeChange(e)))
}

// describeChange shows a mention in its sentence, and names other items.
func describeChange(e *diff.Example) string {
	c := &e.Change
	switch c.Table {
	case "relations":
		s := both(arrow(c.TextBefore, c.ObjectBefore), arrow(c.TextAfter, c.ObjectAfter))
		if e.Sentence != "" {
			s += ": " + shorten(e.Sentence, exampleWidth)
		}
		return s
	case "concepts":
		return both(c.ConceptBefore, c.ConceptAfter) + ": " + marked(e)
	case "mentions":
		if c.Change == diff.Changed {
			return both(c.TextBefore, c.TextAfter) + ": " + marked(e)
		}
		return marked(e)
	}
	return both(shortened(c.TextBefore), shortened(c.TextAfter))
}

// both joins what was before and what is after, as far as they are there.
func both(before, after *string) string {
	switch {
	case before == nil && after == nil:
		return ""
	case before == nil:
		return *after
	case after == nil || *before == *after:
		return *before
	}
	return *before + " → " + *after
}

func arrow(subject, object *string) *string {
	if subject == nil || object == nil {
		return nil
	}
	s := shorten(*subject, exampleWidth/2) + " — " + shorten(*object, exampleWidth/2)
	return &s
}

func shortened(s *string) *string {
	if s == nil {
		return nil
	}
	cut := shorten(*s, exampleWidth)
	return &cut
}

// shorten cuts a text to n characters.
func shorten(s string, n int) string {
	points := []rune(s)
	if len(points) <= n {
		return s
	}
	return strings.TrimSpace(string(points[:n-1])) + "…"
}

// marked shows the words around a mention, which is in brackets.
func marked(e *diff.Example) string {
	c := &e.Change
	start, end, text := c.StartBefore, c.EndBefore, c.TextBefore
	if start == nil {
		start, end, text = c.StartAfter, c.EndAfter, c.TextAfter
	}
	points := []rune(e.Sentence)
	if start == nil || *start < e.SentenceStart || int(*end-e.SentenceStart) > len(points) {
		return "[" + *text + "]" // it goes on in the next sentence
	}
	from, to := int(*start-e.SentenceStart), int(*end-e.SentenceStart)
	margin := max(0, exampleWidth-(to-from)) / 2
	left, right := string(points[max(0, from-margin):from]), string(points[to:min(len(points), to+margin)])
	if from > margin {
		left = "…" + left
	}
	if to+margin < len(points) {
		right += "…"
	}
	return left + "[" + string(points[from:to]) + "]" + right
}
