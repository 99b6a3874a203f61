package eval

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/schemas"
)

// Example is a summary of an abstract without headings, for reading beside the last sentence: such
// abstracts have no gold summary.
type Example struct {
	ID        string     `json:"id"`
	Title     string     `json:"title"`
	Sentences int        `json:"sentences"` // number of sentences in the abstract
	Picked    []Sentence `json:"picked"`    // one or two adjacent sentences
	Score     float32    `json:"score"`
	Last      Sentence   `json:"last"`
	Differs   bool       `json:"differs"` // Picked is not the last sentence alone
}

// Sentence is a sentence and its number in the abstract, from 1.
type Sentence struct {
	Sentence int    `json:"sentence"`
	Text     string `json:"text"`
}

// minSentences is the minimum number of sentences in the abstract of an example.
const minSentences = 4

// Examples returns the summaries of n abstracts without headings, evenly spaced in the data.
func Examples(ctx context.Context, m Model, d Data, n int) ([]Example, error) {
	summary := m.task(schemas.TaskSummary)
	var plain []dataset.Example
	for _, e := range d.Examples {
		if unstructured(e.Doc) {
			plain = append(plain, e)
		}
	}
	if summary == nil || len(plain) == 0 {
		return nil, nil
	}
	if n < len(plain) {
		spread := make([]dataset.Example, n)
		for i := range spread {
			spread[i] = plain[i*len(plain)/n]
		}
		plain = spread
	}
	found, err := annotate(ctx, m.pipeline(summary), documents(plain))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.Name, err)
	}
	var out []Example
	for i, e := range plain {
		if x, ok := example(e, found[i]); ok {
			out = append(out, x)
		}
	}
	return out, nil
}

// unstructured reports whether a document has an abstract of one section without a heading that is
// long enough for an example.
func unstructured(d *schemas.Document) bool {
	if len(d.Sections) != 2 || d.Sections[0].Kind != schemas.KindTitle || d.Sections[1].Label != "" {
		return false
	}
	return strings.Count(d.Sections[1].Text, ". ") >= minSentences-1
}

// example makes an example. It is false for fewer sentences than unstructured estimated.
func example(e dataset.Example, found schemas.Annotations) (Example, bool) {
	first := 0
	for first < len(found.Sentences) && e.Doc.Sections[found.Sentences[first].Section].Kind == schemas.KindTitle {
		first++
	}
	n := len(found.Sentences) - first
	if n < minSentences || len(found.Summaries) == 0 {
		return Example{}, false
	}
	body := e.Doc.Text()
	numbered := func(i int) Sentence {
		s := found.Sentences[i]
		return Sentence{i - first + 1, strings.TrimSpace(body[s.Start:s.End])}
	}
	x := Example{
		ID: e.ID, Title: e.Doc.Title(), Sentences: n, Score: found.Summaries[0].Score,
		Last: numbered(len(found.Sentences) - 1),
	}
	for _, i := range found.Summaries[0].Sentences {
		x.Picked = append(x.Picked, numbered(int(i)))
	}
	x.Differs = len(x.Picked) != 1 || x.Picked[0] != x.Last
	return x, true
}

// WriteExamples prints examples for reading: the selected sentences, and the last sentence if it
// differs.
func WriteExamples(w io.Writer, examples []Example) error {
	differ := 0
	for _, x := range examples {
		if x.Differs {
			differ++
		}
	}
	var b strings.Builder
	fmt.Fprintf(
		&b, "Summaries of %d abstracts without headings; %d differ from the last sentence\n", len(examples), differ,
	)
	for i, x := range examples {
		fmt.Fprintf(&b, "\n%d. %s (%s)\n", i+1, x.Title, x.ID)
		for _, s := range x.Picked {
			fmt.Fprintf(&b, "   sentence %d of %d: %s\n", s.Sentence, x.Sentences, s.Text)
		}
		if x.Differs {
			fmt.Fprintf(&b, "   last sentence: %s\n", x.Last.Text)
		} else {
			b.WriteString("   (the last sentence)\n")
		}
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}
