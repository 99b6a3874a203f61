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

func TestEstimate(t *testing.T) {
	units := inputs(t, []string{"a.xml", "b.xml", "c.xml.gz", "d.xml"}, 1000, 4000, 9_000, 70)
	m := newMeter(units, time.Now)
	var shown []int64
	m.show = func(s state) { shown = append(shown, s.done) }
	h := m.Hooks()
	h.Documents(units[0], 1, false) // takes all of it, as far as is known
	h.UnitDone(units[0], pipeline.UnitDone, nil)
	h.Documents(units[1], 2, false) // at 1,000 bytes each
	h.Documents(units[1], 1, true)
	h.Documents(units[1], 5, false) // no more than there is
	h.UnitDone(units[1], pipeline.UnitDone, nil)
	h.Documents(units[2], 2, false) // compressed ones are smaller
	h.UnitDone(units[2], pipeline.UnitFailed, nil)
	h.UnitDone(units[3], pipeline.UnitSkipped, nil)
	want := []int64{1000, 1000, 3000, 4000, 5000, 5000, 8600, 14_000, 14_070}
	if fmt.Sprint(shown) != fmt.Sprint(want) {
		t.Errorf("done: %v, want %v", shown, want)
	}
	if m.total != 14_070 || m.documents != 10 || m.resumed != 1 {
		t.Errorf("%+v", m.state)
	}
}

func TestLog(t *testing.T) {
	units := inputs(t, []string{"a.xml", "b.xml"}, 1000, 1000)
	at := time.Unix(0, 0)
	var out bytes.Buffer
	m := newLog(
		slog.New(slog.NewTextHandler(&out, nil)), units, func() []any { return []any{"device_busy", "91%"} },
		func() time.Time { return at },
	)
	h := m.Hooks()
	h.UnitStart(units[0], 0, 2)
	at = at.Add(29 * time.Second)
	h.Documents(units[0], 10, false)
	if out.Len() > 0 {
		t.Errorf("too early: %s", out.String())
	}
	at = at.Add(time.Second)
	h.UnitDone(units[0], pipeline.UnitDone, nil)
	at = at.Add(time.Second)
	h.UnitStart(units[1], 1, 2)
	m.Close()
	line := out.String()
	if strings.Count(line, "\n") != 1 {
		t.Errorf("not one line: %s", line)
	}
	for _, want := range []string{`input="1 of 2"`, "documents=10", "per_second=0.3", "left=30s", "device_busy=91%"} {
		if !strings.Contains(line, want) {
			t.Errorf("no %s in %s", want, line)
		}
	}
}

// lastLine is what a terminal shows after a bar was drawn.
func lastLine(out string) string {
	out = strings.TrimSuffix(out, "\n")
	return out[strings.LastIndexByte(out, '\r')+1:]
}

// A bar is left standing: at 100% when all is done, or where the run stopped.
func TestBar(t *testing.T) {
	units := inputs(t, []string{"a.xml", "b.xml"}, 1000, 3000)
	for stopped, wants := range map[bool][]string{
		true: {"input 1 of 2", "1 documents", "25%"}, false: {"input 2 of 2", "3 documents", "100%"},
	} {
		var out bytes.Buffer
		m := NewBar(&out, units)
		h := m.Hooks()
		h.UnitStart(units[0], 0, 2)
		h.Documents(units[0], 1, false)
		time.Sleep(120 * time.Millisecond) // the bar is drawn no more often than that
		h.UnitDone(units[0], pipeline.UnitDone, nil)
		if !stopped {
			h.UnitStart(units[1], 1, 2)
			h.Documents(units[1], 2, false)
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

// Of what comes over a network the size is not known.
func TestBarWithoutSizes(t *testing.T) {
	var out bytes.Buffer
	units := []schemas.Unit{{Name: "query.0001", Path: "no file"}}
	m := NewBar(&out, units)
	h := m.Hooks()
	h.UnitStart(units[0], 0, 1)
	h.Documents(units[0], 64, false)
	time.Sleep(120 * time.Millisecond)
	h.Documents(units[0], 64, false)
	h.UnitDone(units[0], pipeline.UnitDone, nil)
	m.Close()
	if last := lastLine(out.String()); !strings.Contains(last, "query.0001, 128 documents") ||
		strings.Contains(out.String(), "%") {
		t.Errorf("%q", out.String())
	}
}

func TestNothingKnown(t *testing.T) {
	if s := (state{documents: 3}); s.perSecond() != 0 || s.left() != 0 {
		t.Errorf("%v a second, %v left", s.perSecond(), s.left())
	}
}
