package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/jobs/jobstest"
)

// asked writes questions in PubMedQA's JSON, whose answers follow from the last context.
func asked(t *testing.T, n int) string {
	t.Helper()
	printed := []string{
		"Dogs were better (P = 0.01).", "There was no significant difference.", "However, this may be possible.",
	}
	records := map[string]any{}
	for i := range n {
		records[fmt.Sprint(7000+i)] = map[string]any{
			"QUESTION": fmt.Sprintf(
				"Does zorvaline help dogs of kind %d with gout?", 7000+i,
			), "CONTEXTS": []string{"We gave zorvaline to dogs with gout.", printed[i%3]},
			"LABELS": []string{"METHODS", "RESULTS"}, "final_decision": []string{"yes", "no", "maybe"}[i%3],
		}
	}
	return jobstest.WriteJSON(t, filepath.Join(t.TempDir(), "asked.json"), records)
}

// From annotated questions to a table of answers.
func TestAnswersPath(t *testing.T) {
	base, questions, own := jobstest.WriteModel(t, "ner"), asked(t, 90), filepath.Join(t.TempDir(), "own")
	printed := stdout(
		t,
		"train",
		"heads",
		"--tasks",
		"answers",
		"--train",
		questions,
		"--out",
		own,
		"--base",
		base,
		"--no-states",
	)
	for _, want := range []string{
		"answers, training set, cross-validated, baseline: bag of words",
		"Answers: 90 questions, cross-validated: accuracy 100.0 ± 0.0",
	} {
		if !strings.Contains(printed, want) {
			t.Errorf("training prints no %q: %s", want, printed)
		}
	}
	if strings.Contains(printed, "The dev set has") {
		t.Errorf("nothing was held out, training prints: %s", printed)
	}
	printed = stdout(t, "eval", questions, "--model", own, "--backend", "cpu")
	for _, want := range []string{"macro", "100.0", "Answers: confusion matrix", "predicted: maybe"} {
		if !strings.Contains(printed, want) {
			t.Errorf("eval prints no %q: %s", want, printed)
		}
	}
	var measured struct {
		Results []struct {
			Answers struct {
				Questions   int
				Accuracy    float64
				Predictions map[string]map[string]int
			}
		}
	}
	if err := json.Unmarshal(
		[]byte(stdout(t, "eval", questions, "--model", own, "--tasks", "answers", "--json")), &measured,
	); err != nil {
		t.Fatal(err)
	}
	if a := measured.Results[0].Answers; a.Questions != 90 || a.Accuracy != 1 || a.Predictions["no"]["no"] != 30 {
		t.Errorf("%+v", a)
	}
}

func TestEvalExamples(t *testing.T) {
	var lines strings.Builder
	for i := range 6 {
		fmt.Fprintf(
			&lines,
			"{\"id\": \"e%d\", \"title\": \"On gout %d\", \"abstract\": \"Gout is bad. We gave zorvaline. It helped. We conclude that zorvaline helps.\"}\n",
			i,
			i,
		)
	}
	path := filepath.Join(t.TempDir(), "plain.jsonl")
	if err := os.WriteFile(path, []byte(lines.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if printed := stdout(t, "eval", path, "--tasks", "summary", "--examples", "2"); !strings.Contains(
		printed, "Summaries of 2 abstracts without headings",
	) ||
		!strings.Contains(printed, "2. On gout 3 (e3)") {
		t.Error(printed)
	}
	if printed := stdout(t, "eval", path, "--tasks", "summary", "--examples", "2", "--json"); !strings.Contains(
		printed, `"differs"`,
	) {
		t.Error(printed)
	}
	for _, args := range [][]string{{"--tasks", "ner", "--examples", "2"}, {"--examples", "-2"}} {
		if err := executed(
			t, t.Context(), append([]string{"eval", path}, args...), streams{out: &lines, err: &lines},
		); exit.Code(
			err,
		) != exit.Misuse {
			t.Errorf("%v: %v", args, err)
		}
	}
}
