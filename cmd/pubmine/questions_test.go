package main

import (
	"context"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/jobstest"
)

// The task answers needs a question, and a question needs the task.
func TestQuestionsAndTasks(t *testing.T) {
	all, none := jobstest.WriteModel(t, "ner", "answers"), jobstest.WriteModel(t, "ner")
	alone := jobstest.WriteModel(t, "answers")
	for _, c := range []struct {
		args []string
		want string // "" for no error
	}{
		{[]string{"--model", all, "--tasks", "answers"}, "task answers needs a question"},
		{[]string{"--model", all, "--tasks", "ner", "--question", "Are dogs blue?"}, "add it to --tasks"},
		{[]string{"--tasks", "none", "--question", "Are dogs blue?"}, "add it to --tasks"},
		{[]string{"--model", none, "--question", "Are dogs blue?"}, "answers no questions: it serves ner"},
		{[]string{"--model", none, "--tasks", "answers", "--question", "Are dogs blue?"}, "serves ner"},
		{[]string{"--model", alone}, "serves answers only: ask a question"},
		{[]string{"--model", all, "--question", "Is it?"}, "has no content word"},
		{[]string{"--model", all}, ""},
		{[]string{"--model", alone, "--question", "Are dogs blue?"}, ""},
	} {
		args := append(
			[]string{
				"run", filepath.Join("..", "..", "testdata", "pubmed", "books.xml"), "--backend", "cpu", "--corpus",
				filepath.Join(t.TempDir(), "C"),
			},
			c.args...)
		err := executed(t, context.Background(), args, streams{out: io.Discard, err: io.Discard})
		if c.want == "" && err != nil ||
			c.want != "" && (exit.Code(err) != exit.Misuse || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v: error %v, want %q", c.args, err, c.want)
		}
	}
}

// Every abstract that is about a question answers it. Another question is another configuration.
func TestAsk(t *testing.T) {
	dir := jobstest.WriteModel(t, "ner", "answers")
	root := filepath.Join(t.TempDir(), "C")
	run := func(questions ...string) string {
		t.Helper()
		args := []string{
			"run", filepath.Join("..", "..", "testdata", "pubmed", "articles.xml"), "--corpus", root, "--model",
			dir, "--backend", "cpu", "--max-rejects", "1",
		}
		for _, q := range questions {
			args = append(args, "--question", q)
		}
		return stdout(t, args...)
	}
	question := "Did mice get the treatment with the dose in this study?"
	if printed := run(question, "Is zorvaline a quarxol, or not?"); !strings.Contains(printed, "answers") {
		t.Fatal(printed)
	}
	if printed := run(question, "Is zorvaline a quarxol, or not?"); !strings.Contains(printed, "nothing to do") {
		t.Errorf("the same questions: %s", printed)
	}
	c, err := corpus.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Current()
	if err != nil {
		t.Fatal(err)
	}
	answered := s.Counts().Rows["answers"]
	if documents := s.Counts().Rows["documents"]; answered == 0 || answered >= documents {
		t.Errorf("%d answers of %d documents: none, or not only of those that it is about", answered, documents)
	}
	shown := ""
	for pmid := s.Units()[0].FirstPMID; pmid <= s.Units()[0].LastPMID && !strings.Contains(shown, question); pmid++ {
		if a, err := c.Find(s, pmid); err != nil {
			t.Fatal(err)
		} else if a != nil && len(a.Answers) > 0 {
			shown = stdout(t, "show", "--corpus", root, strconv.Itoa(int(pmid)))
		}
	}
	if !strings.Contains(shown, question+"\n  yes (0.") {
		t.Errorf("shown: %s", shown)
	}
	if printed := run(); !strings.Contains(printed, "nothing to do") {
		t.Errorf("the questions of the corpus: %s", printed)
	}
	if printed := run(question, "Is zorvaline a quarxol, or not?", "Do quarxols help?"); strings.Contains(
		printed, "nothing to do",
	) {
		t.Errorf("one more question: %s", printed)
	}
}
