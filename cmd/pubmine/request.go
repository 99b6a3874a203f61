package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/jobs"
	answers "github.com/pubmine/pubmine/stages/answer"
)

// requestFlags are the options of commands that compute rows.
type requestFlags struct {
	modelFlag
	Tasks      []string       `placeholder:"TASK,..." help:"ner, relations, summary, answers; none for documents and sentences only. Default: all that the model serves."`
	Question   []string       `sep:"none" placeholder:"TEXT" help:"Question to ask of every abstract that is about it, answered by yes, no or maybe; may be given several times. Another question recomputes everything."`
	Questions  string         `placeholder:"FILE" help:"File of such questions, one per line; # begins a comment."`
	Chunk      flags.Positive `placeholder:"N" help:"Records that are checkpointed together (default 256; 32 where the model generates). Another number recomputes everything."`
	MaxRejects flags.Share    `default:"0.05" placeholder:"SHARE" help:"Share of the records that may be rejected before the exit code is 3 (default ${default})."`
	Report     flags.Name     `placeholder:"FILE" help:"Write metrics of the run to FILE, as JSON."`
	backendFlag
}

// request returns what is asked for.
func (f *requestFlags) request() (jobs.Request, error) {
	r := jobs.Request{Model: string(f.Model), Tasks: f.Tasks, Backend: f.Backend, Chunk: int(f.Chunk)}
	var err error
	r.Questions, err = f.readQuestions()
	return r, err
}

// readQuestions returns the questions, each once, in the order in which they were given.
func (f *requestFlags) readQuestions() (questions []answers.Question, err error) {
	add := func(text, where string) error {
		q, err := answers.NewQuestion(text)
		if err != nil {
			return exit.Usage("%s: %w", where, err)
		}
		if !slices.Contains(questions, q) {
			questions = append(questions, q)
		}
		return nil
	}
	for _, text := range f.Question {
		if err := add(text, "--question"); err != nil {
			return nil, err
		}
	}
	if f.Questions == "" {
		return questions, nil
	}
	file, err := os.Open(f.Questions)
	if err != nil {
		return nil, exit.Usage("--questions: %w", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || line[0] == '#' {
			continue
		}
		if err := add(line, "--questions "+f.Questions); err != nil {
			return nil, err
		}
	}
	if err := lines.Err(); err != nil {
		return nil, exit.Usage("--questions %s: %w", f.Questions, err)
	}
	if len(questions) == 0 {
		return nil, exit.Usage("--questions %s: there is no question in it", f.Questions)
	}
	return questions, nil
}

// writeReport writes the metrics of a job, however it ended, to the file that --report names.
func (f *requestFlags) writeReport(m jobs.Metrics, ended error) error {
	if f.Report == "" {
		return nil
	}
	if ended != nil {
		m.Error = ended.Error()
	}
	data, err := json.MarshalIndent(m, "", "  ")
	if err == nil {
		err = os.WriteFile(string(f.Report), append(data, '\n'), 0o666)
	}
	if err != nil {
		return fmt.Errorf("--report: %w", err)
	}
	return nil
}
