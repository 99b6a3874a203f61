package main

import (
	"bufio"
	"os"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/schemas"
	answers "github.com/pubmine/pubmine/stages/answer"
)

// askFlags are the questions that are asked of every document.
type askFlags struct {
	Question  []string `sep:"none" placeholder:"TEXT" help:"A question to ask of every abstract that is about it, to be answered by yes, no or maybe; may be given several times. Another question computes everything again."`
	Questions string   `placeholder:"FILE" help:"A file of such questions, one in a line; # begins a remark."`
}

// questions are what the task answers is to answer.
type questions struct {
	list []answers.Question
	own  bool // each document comes with its own, as in eval
}

// read returns the questions, each once, in the order in which they were given.
func (f *askFlags) read() (questions, error) {
	var asked questions
	add := func(text, where string) error {
		q, err := answers.NewQuestion(text)
		if err != nil {
			return usage("%s: %w", where, err)
		}
		if !slices.Contains(asked.list, q) {
			asked.list = append(asked.list, q)
		}
		return nil
	}
	for _, text := range f.Question {
		if err := add(text, "--question"); err != nil {
			return asked, err
		}
	}
	if f.Questions == "" {
		return asked, nil
	}
	file, err := os.Open(f.Questions)
	if err != nil {
		return asked, usage("--questions: %w", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || line[0] == '#' {
			continue
		}
		if err := add(line, "--questions "+f.Questions); err != nil {
			return asked, err
		}
	}
	if err := lines.Err(); err != nil {
		return asked, usage("--questions %s: %w", f.Questions, err)
	}
	if len(asked.list) == 0 {
		return asked, usage("--questions %s: there is no question in it", f.Questions)
	}
	return asked, nil
}

// any reports whether there is something to answer: a model that writes its answers takes the
// titles that are questions, too.
func (q questions) any(card catalog.Card) bool {
	_, writes := card.Generates(schemas.TaskAnswers)
	return q.own || len(q.list) > 0 || writes
}

// check refuses answers without questions, and questions that tasks which were named do not answer.
func (q questions) check(tasks []string, card catalog.Card) error {
	switch answers := slices.Contains(tasks, schemas.TaskAnswers); {
	case answers && !q.any(card):
		return usage("--tasks %s: ask something with --question", schemas.TaskAnswers)
	case !answers && len(q.list) > 0:
		return usage("--question: it is task %s that answers it: name that in --tasks, too", schemas.TaskAnswers)
	}
	return nil
}

// defaults returns what a model serves, less answers where nothing is asked.
func (q questions) defaults(card catalog.Card) ([]string, error) {
	tasks := slices.DeleteFunc(
		slices.Clone(card.Tasks), func(t string) bool { return t == schemas.TaskAnswers && !q.any(card) },
	)
	switch {
	case len(q.list) > 0 && !card.Serves(schemas.TaskAnswers):
		return nil, usage("--question: model %s answers none: it serves %s", card.Name, strings.Join(card.Tasks, ", "))
	case len(tasks) == 0 && len(card.Tasks) > 0:
		return nil, usage("model %s serves %s alone: ask something with --question", card.Name, schemas.TaskAnswers)
	}
	return tasks, nil
}

func (q questions) texts() []string {
	var texts []string
	for _, x := range q.list {
		texts = append(texts, x.Text)
	}
	return texts
}
