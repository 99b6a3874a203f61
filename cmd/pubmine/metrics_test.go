package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/pipeline"
)

// A run says what the device did, and writes it where it is told to; none of it gets into the
// corpus.
func TestRunMeasuresItself(t *testing.T) {
	dir := t.TempDir()
	model, file := writeModel(t, "ner"), filepath.Join(dir, "report.json")
	run := func(root string, args ...string) (code int, out string, m metrics) {
		t.Helper()
		var std bytes.Buffer
		args = append([]string{"run", "--corpus", root, "--model", model, "--backend", "cpu", "--report", file}, args...)
		code = report(&std, execute(context.Background(), args, streams{out: &std, err: &std}))
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
	if len(m.Units) != 1 || m.Records == 0 || m.PerSecond <= 0 || m.Waits.Finish <= 0 || m.Backend != device.CPU ||
		m.Counts.Rows["documents"] == 0 ||
		m.Error != "" {
		t.Errorf("%+v", m)
	}
	again := filepath.Join(dir, "again")
	if code, _, _ := run(again, input); code != 0 {
		t.Errorf("exit %d", code)
	}
	first, second := files(t, root), files(t, again)
	for name, data := range first {
		if second[name] != data && !strings.HasSuffix(name, ".json") { // records hold the stamp of the input
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
	if code, _, m := run(root, bad); code != exitInput || len(m.Failed) != 1 {
		t.Errorf("exit %d, %+v", code, m)
	}
}

// fakeEngine did what it is told.
func fakeEngine(s biogpt.Stats, peak float64) *lazyEngine {
	return &lazyEngine{used: engineUse{Stats: s, Peak: peak}}
}

func TestGauge(t *testing.T) {
	g := newRunMetrics(
		fakeEngine(
			biogpt.Stats{
				Tokens: 50_000, Padded: 62_500, FLOPs: 6e11, Busy: 9 * time.Second, Compile: time.Second,
				Programs: 3,
			},
			1e11,
		),
	)
	g.start = time.Now().Add(-10 * time.Second)
	hooks := g.watch(pipeline.Hooks{})
	hooks.Waits(pipeline.Waits{Prepare: time.Second})
	g.over(
		pipeline.Report{Waits: pipeline.Waits{Prepare: 2 * time.Second, Starved: time.Second, Finish: 8 * time.Second}},
	)
	hooks.Waits(pipeline.Waits{Prepare: time.Second, Blocked: time.Second}) // of the next run
	said := fmt.Sprint(g.attributes()...)
	for _, want := range []string{"prepare_waited 3s", "infer_waited 2s", "finish_waited 8s", "padding 20%", "device_busy 90%", "compiling 10%", "model_flops_utilisation 60%"} {
		if !strings.Contains(said, strings.ReplaceAll(want, " ", "")) && !strings.Contains(said, want) {
			t.Errorf("no %q in %q", want, said)
		}
	}
	var table view.Table
	g.read().lines(&table)
	var b bytes.Buffer
	if err := table.Write(&b); err != nil {
		t.Fatal(err)
	}
	want := `tokens/s  5,000, and 20% padding
device    busy 90% of the time (10% went into compiling), 60.0 GFLOP/s: 60% of what its matrix products reach
waited    prepare 3.0 s, device 2.0 s, finish 8.0 s
`
	if got := strings.ReplaceAll(b.String(), "4,999", "5,000"); got != want {
		t.Errorf("%s", got)
	}
	if idle := newRunMetrics(nil).read(); idle.Device != nil {
		t.Errorf("%+v", idle)
	}
	if idle := newRunMetrics(fakeEngine(biogpt.Stats{}, 0)).read(); idle.Device != nil {
		t.Errorf("%+v", idle)
	}
}

func TestReportThatCannotBeWritten(t *testing.T) {
	ended := errors.New("ended")
	err := metrics{}.write(filepath.Join(t.TempDir(), "none", "x"), pipeline.Report{}, "", ended)
	if !errors.Is(err, ended) || !strings.Contains(err.Error(), "--report") {
		t.Error(err)
	}
	if err := (metrics{}).write("", pipeline.Report{}, "", ended); err != nil {
		t.Error(err)
	}
}
