package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/jobs"
)

// requestFlags are the options of commands that compute rows.
type requestFlags struct {
	Model      flags.Name     `placeholder:"MODEL" help:"\"bundled\", the name of a model that was pulled, or a model directory. Default: that of the corpus, bundled for a new one."`
	Tasks      []string       `placeholder:"TASK,..." help:"ner, linking, relations, summary, answers, labels, vectors; none for documents and sentences only. Default: those of the corpus, for a new one all that the model serves, without vectors."`
	Vocabulary flags.Name     `placeholder:"VOCABULARY" help:"Concepts to link mentions to: \"bundled\", the name of a vocabulary (see pubmine vocab), or a file. Default: that of the corpus, bundled for a new one."`
	Question   []string       `sep:"none" placeholder:"TEXT" help:"Question to ask of every abstract that addresses it, to be answered by yes, no or maybe, so begin with a verb: Does aspirin reduce the risk of stroke? May be given several times. Default: those of the corpus."`
	Questions  flags.Name     `placeholder:"FILE" help:"File of such questions, one per line; # begins a comment."`
	Chunk      flags.Positive `placeholder:"N" help:"Records that are checkpointed together (default: that of the corpus; for a new one 256, or 32 where the model generates)."`
	MaxRejects flags.Share    `default:"0.05" placeholder:"SHARE" help:"Share of the records that may be rejected before the exit code is 3 (default ${default})."`
	DropTables bool           `help:"Allow a new edition to have fewer tables or questions than the current one."`
	Report     flags.Name     `placeholder:"FILE" help:"Write metrics of the run to FILE, as JSON."`
	Backend    string         `enum:",${backends}" default:"" placeholder:"NAME" help:"Compute with ${backends} (default: that of the corpus, auto for a new one)."`
}

// checkReport returns an error if the file that --report names cannot be written, so that this is
// known before the work is done.
func (f *requestFlags) checkReport() error {
	if f.Report == "" {
		return nil
	}
	path := string(f.Report)
	info, err := os.Stat(path)
	var probe *os.File
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if probe, err = os.CreateTemp(filepath.Dir(path), ".pubmine-report-*"); err == nil {
			err = errors.Join(probe.Close(), os.Remove(probe.Name()))
		}
		if e := (*fs.PathError)(nil); errors.As(err, &e) {
			e.Path = filepath.Dir(path)
		}
	case err == nil && info.IsDir():
		return exit.Usage("--report %s: it is a directory: give a file", path)
	case err == nil && info.Mode().IsRegular():
		if probe, err = os.OpenFile(path, os.O_WRONLY, 0); err == nil {
			err = probe.Close()
		}
	}
	if err != nil {
		return exit.Usage("--report %s: %w", path, err)
	}
	return nil
}

// request describes the rows to compute: what the options say, and for the others what the corpus
// was made with.
func (f *requestFlags) request(root string) (jobs.Request, error) {
	r := jobs.Request{
		Model: string(f.Model), Tasks: f.Tasks, Vocabulary: string(f.Vocabulary), Backend: f.Backend,
		Chunk: int(f.Chunk),
	}
	if err := f.checkReport(); err != nil {
		return r, err
	}
	var err error
	if r.Questions, err = jobs.ReadQuestions(f.Question, string(f.Questions)); err != nil {
		return r, err
	}
	return r.ForCorpus(root)
}

// writeReport writes the metrics of a job, however it ended, to the file that --report names.
func (f *requestFlags) writeReport(m jobs.Metrics, ended error) error {
	if f.Report == "" {
		return nil
	}
	if ended != nil {
		m.Error = inert.Redact(ended.Error())
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
