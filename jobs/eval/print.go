package eval

import (
	"fmt"
	"io"
	"strconv"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/markdown"
)

// Write prints results as tables that can be pasted into Markdown, with calibrations when they are
// wanted. Measures are in percent.
func Write(w io.Writer, results []Result, calibrated bool) error {
	if len(results) > 1 {
		results = append(results[:len(results):len(results)], Sum("all", results))
	}
	for _, print := range []func([]Result) (string, *markdown.Table){mentionGrid, relationGrid, unrelatedGrid, summaryGrid, answerGrid, confusionGrid} {
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

// section prints a table under its title, nothing when there is no table.
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
				"data", "documents", "type", "P", "R", "F1", "right", "wrong", "missed", "F1 overlap",
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
	return "Mentions: bounds and type are right, micro-averaged", grid
}

func summaryGrid(results []Result) (string, *markdown.Table) {
	var grid *markdown.Table
	for _, r := range results {
		if r.Summaries == nil {
			continue
		}
		if grid == nil {
			grid = markdown.NewTable("data", "abstracts", "picked by", "hits", "ROUGE-L")
		}
		for _, p := range []struct {
			name string
			pick Pick
		}{{"the model", r.Summaries.Model}, {"last sentence", r.Summaries.LastSentence}} {
			grid.Row(
				r.Name, strconv.Itoa(r.Summaries.Documents), p.name, percent(p.pick.HitRate),
				percent(p.pick.RougeL),
			)
		}
	}
	return "Summaries: sentences of structured abstracts against their conclusions, headings hidden", grid
}

func calibrationGrid(what string, c score.Calibration) func([]Result) (string, *markdown.Table) {
	return func([]Result) (string, *markdown.Table) {
		grid := markdown.NewTable("score", "found", "mean score", "right")
		for i, b := range c {
			if b.Found > 0 {
				grid.Row(
					fmt.Sprintf("%.1f to %.1f", float64(i)/score.Bins, float64(i+1)/score.Bins),
					strconv.Itoa(b.Found), percent(b.Mean()), percent(b.Accuracy()),
				)
			}
		}
		return fmt.Sprintf("Calibration of %s (expected error %s)", what, percent(c.Error())), grid
	}
}
