package eval

import (
	"fmt"
	"io"
	"strconv"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/markdown"
)

// Write prints results as Markdown tables, and their calibration if calibrated is set. Measures are
// in percent.
func Write(w io.Writer, results []Result, calibrated bool) error {
	if len(results) > 1 {
		results = append(results[:len(results):len(results)], Sum("all", results))
	}
	for _, print := range []func([]Result) (string, *markdown.Table){
		mentionGrid, linkingGrid, relationGrid, identifierGrid, unrelatedGrid, summaryGrid, answerGrid,
		confusionGrid, topicGrid, labelGrid,
	} {
		if err := section(w, print, results); err != nil {
			return err
		}
	}
	if !calibrated {
		return nil
	}
	last := results[len(results)-1]
	if last.Mentions != nil {
		if err := section(w, calibrationGrid("mentions", last.Mentions.Calibration), results); err != nil {
			return err
		}
	}
	if last.Relations != nil {
		return section(w, calibrationGrid("relations", last.Relations.Calibration), results)
	}
	return nil
}

// section prints a table under its title, or nothing if there is no table.
func section(w io.Writer, print func([]Result) (string, *markdown.Table), results []Result) error {
	title, grid := print(results)
	if grid == nil {
		return nil
	}
	if _, err := fmt.Fprintf(w, "%s\n\n", title); err != nil {
		return err
	}
	if err := grid.Write(w); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

func percent(x float64) string { return fmt.Sprintf("%.1f", 100*x) }

// addTypes adds a row for all types together, and one for each.
func addTypes(grid *markdown.Table, data string, documents int, t score.Table) {
	row := func(typ string, c score.Count) {
		grid.Row(append([]string{data, strconv.Itoa(documents), typ}, cells(c)...)...)
	}
	row("all", t.Micro())
	for _, typ := range t.Types() {
		row(typ, t[typ])
	}
}

func cells(c score.Count) []string {
	return []string{
		percent(c.Precision()), percent(c.Recall()), percent(c.F1()), strconv.Itoa(c.TP), strconv.Itoa(c.FP),
		strconv.Itoa(c.FN),
	}
}

func mentionGrid(results []Result) (string, *markdown.Table) {
	var grid *markdown.Table
	for _, r := range results {
		if r.Mentions == nil {
			continue
		}
		if grid == nil {
			grid = markdown.NewTable(
				"data", "documents", "type", "P", "R", "F1", "TP", "FP", "FN", "F1 overlap",
			)
		}
		row := func(typ string, c, overlap score.Count) {
			grid.Row(
				append(append([]string{r.Name, strconv.Itoa(r.Documents), typ}, cells(c)...), percent(overlap.F1()))...)
		}
		row("all", r.Mentions.Strict.Micro(), r.Mentions.Overlap.Micro())
		for _, typ := range r.Mentions.Strict.Types() {
			row(typ, r.Mentions.Strict[typ], r.Mentions.Overlap[typ])
		}
	}
	return "Mentions: strict span and type, micro-averaged", grid
}

func summaryGrid(results []Result) (string, *markdown.Table) {
	var grid *markdown.Table
	for _, r := range results {
		if r.Summaries == nil {
			continue
		}
		if grid == nil {
			grid = markdown.NewTable("data", "abstracts", "method", "hit rate", "ROUGE-L")
		}
		for _, p := range []struct {
			name  string
			score SummaryScore
		}{{"model", r.Summaries.Model}, {"last sentence", r.Summaries.LastSentence}} {
			grid.Row(
				r.Name, strconv.Itoa(r.Summaries.Documents), p.name, percent(p.score.HitRate),
				percent(p.score.RougeL),
			)
		}
	}
	return "Summaries: sentences of structured abstracts, headings hidden, against the conclusions", grid
}

func calibrationGrid(task string, c score.Calibration) func([]Result) (string, *markdown.Table) {
	return func([]Result) (string, *markdown.Table) {
		grid := markdown.NewTable("score", "predictions", "mean score", "correct")
		for i, b := range c {
			if b.Count > 0 {
				grid.Row(
					fmt.Sprintf("%.1f to %.1f", float64(i)/score.Bins, float64(i+1)/score.Bins),
					strconv.Itoa(b.Count), percent(b.Mean()), percent(b.Accuracy()),
				)
			}
		}
		return fmt.Sprintf("Calibration of %s (expected error %s)", task, percent(c.Error())), grid
	}
}
