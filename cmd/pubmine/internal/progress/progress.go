// Package progress shows how far a run is: a bar with rate and time left on a terminal, elsewhere a
// log line every 30 seconds.
//
// The number of documents in an input is known only when it has been read. So progress is counted
// in bytes of input: a unit's share is its documents times the bytes that a document took in the
// units read before, and its whole size once it is done.
package progress

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// logEvery is the time between two log lines.
const logEvery = 30 * time.Second

// Meter turns the hooks of a run into progress. It starts no goroutine: it prints when a hook is
// called.
type Meter struct {
	show     func(state)
	close    func()
	now      func() time.Time
	start    time.Time
	sizes    map[string]int64 // of each unit, in bytes
	estimate estimate
	state
}

// state is the progress to show.
type state struct {
	done, total int64 // bytes of input
	documents   int   // computed by this run
	resumed     int   // found in checkpoints
	units, unit int   // how many there are, and which one is read, from 1
	elapsed     time.Duration
}

// perSecond is the number of documents computed in a second.
func (s state) perSecond() float64 {
	if s.elapsed <= 0 {
		return 0
	}
	return float64(s.documents) / s.elapsed.Seconds()
}

// left is the estimated time until the end, or 0 if there is no estimate.
func (s state) left() time.Duration {
	if s.done <= 0 || s.total <= s.done {
		return 0
	}
	return time.Duration(float64(s.elapsed) * float64(s.total-s.done) / float64(s.done))
}

// NewBar returns a Meter that draws a bar. At the end the bar stays on the terminal, at 100% or
// where the run stopped. If the size of the input is unknown, the bar only shows that the run is
// alive.
func NewBar(w io.Writer, units []schemas.Unit) *Meter {
	m := newMeter(units, time.Now)
	most := m.total
	if most == 0 {
		most = -1
	}
	bar := progressbar.NewOptions64(
		most,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionThrottle(
			100*time.Millisecond,
		),
		progressbar.OptionSetWidth(24),
		progressbar.OptionSpinnerType(14),
	)
	describe := func(s state) {
		input := fmt.Sprintf("input %d of %d", s.unit, s.units)
		if len(units) == 1 {
			input = inert.Line(units[0].Name)
		}
		bar.Describe(fmt.Sprintf("%s, %d documents, %.1f/s", input, s.documents+s.resumed, s.perSecond()))
	}
	// A failure to draw must not stop the run.
	m.show = func(s state) {
		describe(s)
		at := min(s.done, m.total-1) // the last step is Close's, so that it is always drawn
		if m.total == 0 {
			at = int64(s.documents + s.resumed)
		}
		_ = bar.Set64(at)
	}
	m.close = func() {
		if describe(m.state); m.done >= m.total {
			_ = bar.Finish()
		}
		fmt.Fprintln(w)
	}
	return m
}

// NewLog returns a Meter that logs a line every 30 seconds, with the attributes that more returns
// at its end.
func NewLog(log *slog.Logger, units []schemas.Unit, more func() []any) *Meter {
	return newLog(log, units, more, time.Now)
}

func newLog(log *slog.Logger, units []schemas.Unit, more func() []any, now func() time.Time) *Meter {
	m := newMeter(units, now)
	last := m.start
	m.show = func(s state) {
		if at := m.now(); at.Sub(last) >= logEvery {
			last = at
			attributes := []any{
				"input", fmt.Sprintf("%d of %d", s.unit, s.units), "documents", s.documents + s.resumed,
				"per_second", fmt.Sprintf("%.1f", s.perSecond()), "left", s.left().Round(time.Second),
			}
			log.Info("progress", append(attributes, more()...)...)
		}
	}
	return m
}

func newMeter(units []schemas.Unit, now func() time.Time) *Meter {
	m := &Meter{now: now, start: now(), sizes: map[string]int64{}, close: func() {}}
	for _, u := range units {
		if info, err := os.Stat(u.Path); err == nil { // a file that has gone is for the run to report
			m.sizes[u.Name] = info.Size()
			m.total += info.Size()
		}
	}
	return m
}

// Hooks returns the hooks to give to the run.
func (m *Meter) Hooks() pipeline.Hooks {
	return pipeline.Hooks{
		UnitStart: func(u schemas.Unit, index, total int) {
			m.unit, m.units = index+1, total
			m.update()
		},
		Documents: func(u schemas.Unit, n int, resumed bool) {
			if resumed {
				m.resumed += n
			} else {
				m.documents += n
			}
			m.estimate.add(u, m.sizes[u.Name], n)
			m.update()
		},
		UnitDone: func(u schemas.Unit, _ pipeline.UnitState, _ error) {
			m.estimate.finish(u, m.sizes[u.Name])
			m.update()
		},
	}
}

// Close ends what is shown. Afterwards the Meter must not be used.
func (m *Meter) Close() { m.close() }

func (m *Meter) update() {
	m.elapsed = m.now().Sub(m.start)
	m.done = m.estimate.done()
	m.show(m.state)
}

// Bytes per document until a unit has been read to its end: those of PubMed's update files.
const (
	plainBytes = 14_000
	gzipBytes  = 1_800
)

// estimate estimates how many bytes of input are done.
type estimate struct {
	finished int64            // bytes of the units that are done
	open     map[string]int64 // bytes of the others, estimated
	count    map[string]int   // documents of the others
	read     [2]int64         // bytes, and
	docs     [2]int64         // documents, of the finished units: plain ones, and compressed ones
}

func kind(u schemas.Unit) int {
	if strings.HasSuffix(strings.ToLower(u.Path), ".gz") {
		return 1
	}
	return 0
}

func (e *estimate) perDocument(kind int) int64 {
	if e.docs[kind] > 0 {
		return e.read[kind] / e.docs[kind]
	}
	return [2]int64{plainBytes, gzipBytes}[kind]
}

// add counts n more documents of a unit of a size.
func (e *estimate) add(u schemas.Unit, size int64, n int) {
	if e.open == nil {
		e.open, e.count = map[string]int64{}, map[string]int{}
	}
	e.count[u.Name] += n
	e.open[u.Name] = min(size, int64(e.count[u.Name])*e.perDocument(kind(u)))
}

// finish counts a unit as done.
func (e *estimate) finish(u schemas.Unit, size int64) {
	if n := e.count[u.Name]; n > 0 {
		e.read[kind(u)] += size
		e.docs[kind(u)] += int64(n)
	}
	delete(e.open, u.Name)
	delete(e.count, u.Name)
	e.finished += size
}

func (e *estimate) done() int64 {
	sum := e.finished
	for _, n := range e.open {
		sum += n
	}
	return sum
}
