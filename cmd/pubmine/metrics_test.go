package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/jobstest"
)

// A run prints the use of the device, and writes it to --report, but not into the corpus.
func TestRunMeasuresItself(t *testing.T) {
	dir := t.TempDir()
	model, file := jobstest.WriteModel(t, "ner"), filepath.Join(dir, "report.json")
	run := func(root string, args ...string) (code int, out string, m jobs.Metrics) {
		t.Helper()
		var std bytes.Buffer
		args = append(
			[]string{"run", "--corpus", root, "--model", model, "--backend", "cpu", "--report", file},
			args...)
		code = exit.Report(&std, executed(t, context.Background(), args, streams{out: &std, err: &std}))
		data, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(data, &m)
		}
		if err != nil {
			t.Fatal(err, std.String())
		}
		return code, std.String(), m
	}
	input := filepath.Join("..", "..", "testdata", "pubmed", "books.xml")
	root := filepath.Join(dir, "C")
	code, out, m := run(root, input)
	if code != 0 || !strings.Contains(out, "tokens/s") || !strings.Contains(out, "busy ") ||
		!strings.Contains(out, "waited") {
		t.Errorf("exit %d: %s", code, out)
	}
	d := m.Device
	if d == nil || d.Tokens == 0 || d.TokensPerSec <= 0 || d.Padding < 0 || d.Padding >= 1 || d.Busy <= 0 ||
		d.Busy > 1 ||
		d.FLOPS <= 0 {
		t.Fatalf("%+v", d)
	}
	if len(m.Units) != 1 || m.Records == 0 || m.PerSecond <= 0 || m.Waits.Finish <= 0 || m.Backend != "cpu" ||
		m.Counts.Rows["documents"] == 0 ||
		m.Error != "" {
		t.Errorf("%+v", m)
	}
	again := filepath.Join(dir, "again")
	if code, _, _ := run(again, input); code != 0 {
		t.Errorf("exit %d", code)
	}
	first, second := files(t, filepath.Join(root, "tables")), files(t, filepath.Join(again, "tables"))
	for name, data := range first {
		if second[name] != data {
			t.Errorf("%s differs from run to run", name)
		}
		if strings.Contains(name+data, "model_flops") {
			t.Errorf("%s holds measurements", name)
		}
	}
	if code, out, m := run(root, input); code != 0 || strings.Contains(out, "tokens/s") || m.Device != nil ||
		m.Skipped != 1 ||
		len(m.Units) != 0 {
		t.Errorf("with nothing to do: exit %d, %+v, %s", code, m, out)
	}
	bad := filepath.Join(dir, "bad.xml")
	if err := os.WriteFile(bad, []byte("<PubmedArticleSet>"), 0o666); err != nil {
		t.Fatal(err)
	}
	if code, _, m := run(root, bad); code != exit.Input || len(m.Failed) != 1 {
		t.Errorf("exit %d, %+v", code, m)
	}
}

// fakeEngine reports given statistics.

func TestReportThatCannotBeWritten(t *testing.T) {
	f := requestFlags{Report: flags.Name(filepath.Join(t.TempDir(), "none", "x"))}
	if err := f.writeReport(jobs.Metrics{}, nil); err == nil || !strings.Contains(err.Error(), "--report") {
		t.Error(err)
	}
	if err := (&requestFlags{}).writeReport(jobs.Metrics{}, nil); err != nil {
		t.Error(err)
	}
}

// The report lists every file that was skipped, the terminal only the first.
func TestReportListsSkippedFiles(t *testing.T) {
	dir := t.TempDir()
	data, err := os.ReadFile(filepath.Join("..", "..", "testdata", "pubmed", "books.xml"))
	if err != nil {
		t.Fatal(err)
	}
	write := map[string]string{"books.xml": string(data)}
	for i := range 5 {
		write[fmt.Sprintf("page%d.xml", i)] = "<html/>"
	}
	for name, text := range write {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "report.json")
	_, message := pubmine(
		t,
		0,
		"run",
		dir,
		"--corpus",
		filepath.Join(t.TempDir(), "C"),
		"--tasks",
		"none",
		"--report",
		file,
	)
	if strings.Count(message, "pubmine: skipped ") != 4 ||
		!strings.Contains(message, "skipped 2 more files: --report") {
		t.Errorf("message %q", message)
	}
	var m jobs.Metrics
	if data, err = os.ReadFile(file); err == nil {
		err = json.Unmarshal(data, &m)
	}
	if err != nil || len(m.SkippedFiles) != 5 || !strings.Contains(m.SkippedFiles[4].Reason, "not PubMed XML") {
		t.Errorf("%+v, %v", m.SkippedFiles, err)
	}
}
