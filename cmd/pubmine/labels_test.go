package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/jobs/eval"
	"github.com/pubmine/pubmine/jobs/jobstest"
)

// labelledFile writes n labelled documents: the labels follow from words.
func labelledFile(t *testing.T, n int) string {
	t.Helper()
	var lines strings.Builder
	for i := range n {
		labels, text := []string{}, "Nothing else was seen."
		if i%2 == 0 {
			labels, text = append(labels, "Children"), text+" We treated children."
		}
		if i%3 == 0 {
			labels, text = append(labels, "Surgery"), text+" The surgery went well."
		}
		record, err := json.Marshal(map[string]any{
			"title": fmt.Sprintf("Report %d.", i), "abstract": text, "labels": labels,
		})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&lines, "%s\n", record)
	}
	path := filepath.Join(t.TempDir(), "labels.jsonl")
	if err := os.WriteFile(path, []byte(lines.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// From labelled documents to a table of labels.
func TestLabelsPath(t *testing.T) {
	base, file, own := jobstest.WriteModel(t, "ner"), labelledFile(t, 90), filepath.Join(t.TempDir(), "own")
	train := []string{"train", "heads", "--tasks", "labels", "--base", base, "--out", own, "--train"}
	printed := stdout(t, append(train, file)...)
	contains(t, "training", printed, "| labels, dev set | all ",
		"| labels, dev set | Children | 100.0 | 100.0 | 100.0 |", "The dev set has 9 documents.")
	contains(t, "eval", stdout(t, "eval", file, "--model", own), "Labels of documents", "| Surgery  | 100.0 |")
	var measured struct{ Results []eval.Result }
	printed = stdout(t, "eval", file, "--model", own, "--tasks", "labels", "--json")
	if err := json.Unmarshal([]byte(printed), &measured); err != nil {
		t.Fatal(err)
	}
	if r := measured.Results[0]; r.Mentions != nil || r.Labels == nil || r.Labels.Documents != 90 {
		t.Errorf("%+v", r)
	}
	xml := filepath.Join(t.TempDir(), "in.xml")
	if err := os.WriteFile(xml, []byte(`<PubmedArticleSet><PubmedArticle><MedlineCitation>
<PMID Version="1">7</PMID><Article><ArticleTitle>Report 7.</ArticleTitle>
<Abstract><AbstractText>Nothing else was seen. We treated children.</AbstractText></Abstract>
</Article></MedlineCitation></PubmedArticle></PubmedArticleSet>`), 0o666); err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(t.TempDir(), "C")
	contains(t, "run", stdout(t, "run", xml, "--corpus", root, "--model", own, "--tasks", "labels"), "labels ")
	if shown := stdout(t, "show", "--corpus", root, "7"); !strings.Contains(shown, "\nLabels\n  Children (") ||
		strings.Contains(shown, "Surgery") {
		t.Error(shown)
	}
	stdout(t, "verify", "--corpus", root)
	_, printed = pubmine(t, exit.Misuse, append(train, labelledFile(t, 9))...)
	contains(t, "few documents", printed, "task labels: 8 of the training documents have labels; at least 20 are needed")
}
