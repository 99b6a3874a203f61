package progress

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// inputs makes files of given sizes and returns them as units.
func inputs(t *testing.T, names []string, sizes ...int) []schemas.Unit {
	t.Helper()
	dir := t.TempDir()
	var units []schemas.Unit
	for i, name := range names {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, make([]byte, sizes[i]), 0o666); err != nil {
			t.Fatal(err)
		}
		units = append(units, schemas.Unit{Name: name, Path: path})
	}
	return units
}

func TestRecords(t *testing.T) {
	units := inputs(t, []string{"a.xml", "b.xml", "c.xml.gz"}, 140_000, 280_000, 18_000)
	m := newMeter(units)
	h := m.Hooks()
	expect := func(when string, want float64) {
		t.Helper()
		if got := m.records(); got < want-0.5 || got > want+0.5 {
			t.Errorf("%s: %v records, want %v", when, got, want)
		}
	}
	expect("by size", 10+20+10)
	h.Prepared(units[0], 99, 0.9)
	expect("few are read", 99+20+10)
	h.Prepared(units[0], 1, 0.5)
	h.Prepared(units[0], 0, 1)
	expect("the first is read", 100+200+10) // the second has records of the same size
	h.Inferred(units[0], 100)
	h.UnitDone(units[0], pipeline.UnitDone, nil)
	h.Prepared(units[1], 150, 0.3)
	expect("a share of the second is read", 100+500+10)
	h.UnitDone(units[1], pipeline.UnitFailed, nil)
	expect("the second failed", 100+10)
	h.Documents(units[2], 200, true)
	h.Prepared(units[2], 0, 0.1)
	expect("checkpoints count as read", 100+2000)
	if done, computed := m.estimate.done(); done != 300 || computed != 100 {
		t.Errorf("%d done, %d computed", done, computed)
	}
}

// Of what comes over a network the size is not known: units are as large as those before them.
func TestRecordsWithoutSizes(t *testing.T) {
	units := []schemas.Unit{{Name: "q.1", Path: "no file"}, {Name: "q.2", Path: "no file"}}
	m := newMeter(units)
	h := m.Hooks()
	h.Prepared(units[0], 90, 0)
	if m.records() != 0 || m.share() != 0 || m.left() != 0 {
		t.Errorf("%v records", m.records())
	}
	h.Prepared(units[0], 60, 0.5)
	if m.records() != 0 { // the second unit is not known
		t.Errorf("%v records", m.records())
	}
	h.Prepared(units[0], 150, 1)
	h.Prepared(units[0], 0, 1)
	if m.records() != 600 {
		t.Errorf("%v records", m.records())
	}
}

// In a run at an even speed the time left is right from the first seconds on, whatever the number
// of records and their size: never 0, and it goes down evenly.
func TestTimeLeft(t *testing.T) {
	units := inputs(t, []string{"a.xml"}, 1_000_000)
	rapid.Check(t, func(t *rapid.T) {
		records, ahead := rapid.IntRange(2_000, 50_000).Draw(t, "records"), rapid.IntRange(100, 600).Draw(t, "ahead")
		perSecond := rapid.IntRange(10, 100).Draw(t, "per second")
		m := newMeter(units)
		m.show = func(time.Time) {}
		h := m.Hooks()
		prepared, inferred := 0, 0
		for second := 0; inferred < records; second++ {
			more := min(records, inferred+perSecond+ahead) - prepared
			prepared += more
			h.Prepared(units[0], more, float64(prepared)/float64(records))
			h.Inferred(units[0], min(perSecond, records-inferred))
			inferred = min(records, inferred+perSecond)
			m.tick(time.Unix(int64(second), 0))
			want := float64(records-inferred) / float64(perSecond)
			if got := m.left().Seconds(); second > 1 && (got < 1 || got < 0.98*want-60 || got > 1.02*want+60) {
				t.Fatalf("second %d: %v left, want %.0f", second, m.left(), want)
			}
		}
	})
}

// Speed is that of the last minute, and not that of the first records after the model was loaded.
func TestSpeed(t *testing.T) {
	units := inputs(t, []string{"a.xml"}, 14_000_000)
	m := newMeter(units)
	m.show = func(time.Time) {}
	h := m.Hooks()
	for second := range 300 {
		if second >= 100 {
			h.Inferred(units[0], map[bool]int{true: 2, false: 8}[second < 200])
		}
		m.tick(time.Unix(int64(second), 0))
		if second == 150 && m.perSecond() != 2 || second == 290 && m.perSecond() != 8 {
			t.Errorf("second %d: %v a second", second, m.perSecond())
		}
	}
}

func TestLines(t *testing.T) {
	units := inputs(t, []string{"a.xml", "b.xml"}, 1_400_000, 1_400_000)
	at := time.Unix(0, 0)
	var out bytes.Buffer
	lines := &Lines{log: slog.New(slog.NewTextHandler(&out, nil)), next: at.Add(firstLog)}
	m := lines.meter(units, func() []any { return []any{"device_busy", "91%"} })
	expect := func(second int, wants ...string) {
		t.Helper()
		out.Reset()
		m.tick(at.Add(time.Duration(second) * time.Second))
		line := out.String()
		if strings.Count(line, "\n") != min(1, len(wants)) {
			t.Errorf("second %d: %q", second, line)
		}
		for _, want := range wants {
			if !strings.Contains(line, want) {
				t.Errorf("second %d: no %s in %s", second, want, line)
			}
		}
	}
	h := m.Hooks()
	h.UnitStart(units[0], 0, 2)
	h.Prepared(units[0], 40, 0.4)
	expect(4)
	expect(5, `input="1 of 2"`, "documents=0 prepared=40", "device_busy=91%")
	h.Inferred(units[0], 10)
	expect(6)
	h.Inferred(units[0], 30)
	expect(34)
	expect(35, "documents=40", "done=20%", "per_second=1.0", "left=2m30s")
	h.UnitStart(units[1], 1, 2)
	expect(64)
	if m.Close(); out.Len() > 0 {
		t.Errorf("%s", out.String())
	}
	m = lines.meter(units[1:], func() []any { return nil }) // the next run of the command
	expect(64)
	expect(65, `input="1 of 1"`)
}

// lastLine is what a terminal shows after a bar was drawn.
func lastLine(out string) string {
	out = strings.TrimSuffix(out, "\n")
	return out[strings.LastIndexByte(out, '\r')+1:]
}

// A bar is left standing: at 100% when all is done, or where the run stopped.
func TestBar(t *testing.T) {
	units := inputs(t, []string{"a.xml", "b.xml"}, 14_000, 42_000)
	for stopped, wants := range map[bool][]string{
		true: {"input 1 of 2", "1 documents", "25%"}, false: {"input 2 of 2", "4 documents", "100%"},
	} {
		var out bytes.Buffer
		m := newBar(&out, units)
		h := m.Hooks()
		h.UnitStart(units[0], 0, 2)
		h.Prepared(units[0], 1, 0.9)
		m.tick(time.Unix(1, 0))
		if last := lastLine(out.String()); !strings.Contains(last, "1 documents prepared") {
			t.Errorf("%q", last)
		}
		h.Inferred(units[0], 1)
		h.UnitDone(units[0], pipeline.UnitDone, nil)
		m.tick(time.Unix(2, 0))
		if !stopped {
			h.UnitStart(units[1], 1, 2)
			h.Inferred(units[1], 3)
			h.UnitDone(units[1], pipeline.UnitDone, nil)
		}
		m.Close()
		for _, want := range wants {
			if !strings.Contains(lastLine(out.String()), want) {
				t.Errorf("no %q in %q", want, lastLine(out.String()))
			}
		}
		if !strings.HasSuffix(out.String(), "\n") || strings.Count(out.String(), "100%") > 1 {
			t.Errorf("%q", out.String())
		}
	}
}

// While the number of records is not known the bar shows none, and no end.
func TestBarWithoutSizes(t *testing.T) {
	var out bytes.Buffer
	units := []schemas.Unit{{Name: "query\x1b.0001", Path: "no file"}}
	m := newBar(&out, units)
	h := m.Hooks()
	for second := range 3000 { // more than the bar has steps
		h.Inferred(units[0], 1)
		m.tick(time.Unix(int64(second), 0))
	}
	if last := lastLine(out.String()); !strings.Contains(last, `query\x1b.0001, 3000 documents, 1.0/s`) ||
		strings.Contains(out.String(), "%") {
		t.Errorf("%q", last)
	}
	h.Prepared(units[0], 4000, 0.5)
	m.tick(time.Unix(3000, 0))
	if last := lastLine(out.String()); !strings.Contains(last, "left") || !strings.Contains(last, "37%") {
		t.Errorf("%q", last)
	}
	h.UnitDone(units[0], pipeline.UnitDone, nil)
	m.Close()
	if last := lastLine(out.String()); !strings.Contains(last, "100%") || strings.Contains(last, "left") {
		t.Errorf("%q", last)
	}
}

// The goroutine of a Meter shows progress though no hook is called, until Close.
func TestMeterRuns(t *testing.T) {
	shown := make(chan bool)
	m := newMeter(nil)
	m.show = func(time.Time) { shown <- true }
	m.run(time.Millisecond)
	<-shown
	go func() {
		for range shown {
		}
	}()
	m.Close()
	close(shown)
}

func TestNothingKnown(t *testing.T) {
	m := newMeter(nil)
	if m.perSecond() != 0 || m.left() != 0 || m.share() != 0 {
		t.Error(fmt.Sprint(m.perSecond(), m.left(), m.share()))
	}
	m.Hooks().Inferred(schemas.Unit{Name: "other"}, 1) // is ignored
}
