package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/jobs/diff"
	"github.com/pubmine/pubmine/jobs/markdown"
)

// Diff is the comparison of two editions of a corpus.
type Diff struct {
	Corpus string
	*diff.Result
}

// Write prints the comparison: the editions, the numbers of documents, a table of numbers for each
// table of the corpus, the documents that changed most, and examples.
func (d Diff) Write(w io.Writer) error {
	if d.Identical {
		_, err := inert.Fprintf(w, "%s\n", d.identical())
		return err
	}
	head := &Table{}
	head.Add("corpus", d.Corpus)
	head.Add("before", edition(&d.Before))
	head.Add("after", edition(&d.After))
	d.documents(head)
	if err := head.Write(w); err != nil {
		return err
	}
	for i := range d.Tables {
		if err := d.table(w, &d.Tables[i]); err != nil {
			return err
		}
	}
	if err := d.mostChanged(w); err != nil {
		return err
	}
	return d.examples(w)
}

// identical is the whole output for editions that do not differ.
func (d Diff) identical() string {
	counts := []string{Number(d.Documents.Compared) + " documents"}
	for i := range d.Tables {
		counts = append(counts, Number(d.Tables[i].Before)+" "+d.Tables[i].Name)
	}
	return fmt.Sprintf("corpus %s: editions %d and %d do not differ: %s are the same",
		d.Corpus, d.Before.ID, d.After.ID, strings.Join(counts, ", "))
}

func edition(e *diff.Edition) string {
	s := fmt.Sprintf("edition %d", e.ID)
	if e.State != "" {
		s += " (" + e.State + ")"
	}
	s += fmt.Sprintf(", model %s, tasks %s", cmp.Or(e.Model, "none"), cmp.Or(strings.Join(e.Tasks, ","), "none"))
	if e.Backend != "" {
		s += ", backend " + e.Backend
	}
	return s
}

// documents adds the numbers of documents and units.
func (d Diff) documents(t *Table) {
	n := &d.Documents
	t.Add("documents", fmt.Sprintf("%s compared, %s of them changed (%s)",
		Number(n.Compared), Number(n.Changed), percent(n.Changed, n.Compared)))
	add := func(n int64, format string, args ...any) {
		if n > 0 {
			t.Add("", fmt.Sprintf("%s "+format, append([]any{Number(n)}, args...)...))
		}
	}
	add(n.OtherText, "with another text, not compared")
	add(n.OnlyBefore, "only in edition %d", d.Before.ID)
	add(n.OnlyAfter, "only in edition %d", d.After.ID)
	u := &d.Units
	t.Add("units", fmt.Sprintf("%s in both", Number(int64(u.Both))))
	add(int64(u.OnlyBefore), "only in edition %d", d.Before.ID)
	add(int64(u.OnlyAfter), "only in edition %d", d.After.ID)
	add(int64(u.PartialBefore), "partial in edition %d", d.Before.ID)
	add(int64(u.PartialAfter), "partial in edition %d", d.After.ID)
	for i := range d.Tables {
		if x := &d.Tables[i]; x.OnlyIn != 0 {
			t.Add(x.Name, fmt.Sprintf("only in edition %d, %s rows", x.OnlyIn, Number(x.Rows)))
		}
	}
}

// changedName is what a changed item of a table has other than before.
func changedName(table string) string {
	return map[string]string{
		"mentions": "other span", "concepts": "other concept", "relations": "swapped", "summaries": "other text",
		"answers": "other answer",
	}[table]
}

// table prints the numbers of a table by type, without columns of zeros.
func (d Diff) table(w io.Writer, t *diff.Table) error {
	if t.OnlyIn != 0 || t.Before+t.After == 0 {
		return nil
	}
	head := []string{t.Name, fmt.Sprintf("edition %d", d.Before.ID), fmt.Sprintf("edition %d", d.After.ID), "same"}
	row := func(name string, c *diff.Counts, retyped string) []string {
		cells := []string{inert.Line(name), Number(c.Before), Number(c.After), Number(c.Same)}
		if t.Changed > 0 {
			cells = append(cells, Number(c.Changed))
		}
		if t.RetypedOut > 0 {
			cells = append(cells, retyped)
		}
		return append(cells, Number(c.Lost), Number(c.Gained), fmt.Sprintf("%.1f", 100*c.Agreement), shift(c.Shift))
	}
	if t.Changed > 0 {
		head = append(head, changedName(t.Name))
	}
	if t.RetypedOut > 0 {
		head = append(head, "other type")
	}
	m := markdown.NewTable(append(head, "lost", "gained", "agree %", "score shift (5% to 95%)")...)
	m.Row(row("all", &t.Counts, Number(t.RetypedOut))...)
	for i := range t.Types {
		x := &t.Types[i]
		retyped := "0"
		if x.RetypedOut+x.RetypedIn > 0 {
			retyped = fmt.Sprintf("-%s +%s", Number(x.RetypedOut), Number(x.RetypedIn))
		}
		m.Row(row(x.Name, &x.Counts, retyped)...)
	}
	fmt.Fprintln(w)
	if err := m.Write(w); err != nil {
		return err
	}
	var err error
	switch {
	case t.Name == "relations" && t.Lost+t.Gained > 0:
		_, err = fmt.Fprintf(w, "\n%s of %s lost relations join a mention that is lost, "+
			"%s of %s gained ones a mention that is gained\n",
			Number(t.LostWithMention), Number(t.Lost), Number(t.GainedWithMention), Number(t.Gained))
	case t.Name == "mentions":
		_, err = fmt.Fprintf(w, "\nagreement (F1): %.1f%% same span and type, %.1f%% same span, %.1f%% same type and "+
			"overlapping span\n", 100*t.Agreement, 100*t.AgreementSpan, 100*t.AgreementType)
	}
	return err
}

// shift prints the mean and the range of differences of scores.
func shift(s *diff.Shift) string {
	switch {
	case s == nil:
		return ""
	case s.MaxAbs < 0.0005:
		return "none"
	}
	return fmt.Sprintf("%+.3f (%+.3f to %+.3f)", s.Mean, s.P5, s.P95)
}

func percent(n, of int64) string {
	if of == 0 {
		return "0%"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(n)/float64(of))
}

// mostChanged prints the documents that changed most.
func (d Diff) mostChanged(w io.Writer) error {
	if len(d.MostChanged) == 0 {
		return nil
	}
	m := markdown.NewTable("documents that changed most", "lost", "gained", "changed", "title")
	for i := range d.MostChanged {
		x := &d.MostChanged[i]
		m.Row(fmt.Sprint(x.PMID), Number(int64(x.Lost)), Number(int64(x.Gained)), Number(int64(x.Changed)),
			inert.Line(shorten(x.Title, 70)))
	}
	fmt.Fprintln(w)
	return m.Write(w)
}
