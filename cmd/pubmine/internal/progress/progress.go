// Package progress shows how far a run is: a bar on a terminal, elsewhere a log line after five
// seconds and then every 30 seconds, each with speed and time left.
//
// The number of records of an input is known only when it has been read. It is estimated from the
// share of the input that is read and, for inputs that are not begun, from their size or from those
// before them. Speed is that of the last minute.
package progress

import (
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/inert"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// The times before the first log line, and between two.
const (
	firstLog = 5 * time.Second
	logEvery = 30 * time.Second
)

// Lines logs the progress of one run after the other.
type Lines struct {
	log  *slog.Logger
	next time.Time // when the next line is due
}

// NewLines returns Lines for a log.
func NewLines(log *slog.Logger) *Lines { return &Lines{log: log, next: time.Now().Add(firstLog)} }

// Meter turns the hooks of a run into progress, from a goroutine that ends with Close.
type Meter struct {
	show  func(now time.Time) // with mu held
	close func()
	stop  chan struct{}
	wait  sync.WaitGroup

	mu sync.Mutex
	estimate
	byName    map[string]*unit
	name      string // of the unit that is read, if it is the only one
	all, unit int    // how many units there are, and which one is read, from 1
}

func newMeter(units []schemas.Unit) *Meter {
	m := &Meter{byName: map[string]*unit{}, stop: make(chan struct{}), close: func() {}, all: len(units)}
	for _, u := range units {
		x := newUnit(u)
		m.units, m.byName[u.Name] = append(m.units, x), x
	}
	if len(units) == 1 {
		m.name = units[0].Name
	}
	return m
}

// run shows the progress now and then until Close.
func (m *Meter) run(every time.Duration) *Meter {
	m.wait.Go(func() {
		ticks := time.NewTicker(every)
		defer ticks.Stop()
		for {
			select {
			case now := <-ticks.C:
				m.tick(now)
			case <-m.stop:
				return
			}
		}
	})
	return m
}

func (m *Meter) tick(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.observe(now)
	m.show(now)
}

// Close ends what is shown. Afterwards the Meter must not be used.
func (m *Meter) Close() {
	close(m.stop)
	m.wait.Wait()
	m.close()
}

// Hooks returns the hooks to give to the run.
func (m *Meter) Hooks() pipeline.Hooks {
	change := func(u schemas.Unit, do func(x *unit)) {
		m.mu.Lock()
		defer m.mu.Unlock()
		if x := m.byName[u.Name]; x != nil {
			do(x)
		}
	}
	return pipeline.Hooks{
		UnitStart: func(u schemas.Unit, index, _ int) { change(u, func(*unit) { m.unit = index + 1 }) },
		Prepared: func(u schemas.Unit, n int, read float64) {
			change(u, func(x *unit) {
				x.prepared, x.read, x.whole = x.prepared+n, max(x.read, read), x.whole || n == 0
			})
		},
		Inferred: func(u schemas.Unit, n int) { change(u, func(x *unit) { x.inferred += n }) },
		Documents: func(u schemas.Unit, n int, resumed bool) {
			if resumed {
				change(u, func(x *unit) { x.resumed += n })
			}
		},
		UnitDone: func(u schemas.Unit, _ pipeline.UnitState, _ error) {
			change(u, func(x *unit) { x.ended = true })
		},
	}
}

// input says which input is read.
func (m *Meter) input() string { return fmt.Sprintf("%d of %d", max(1, m.unit), m.all) }

// Log returns a Meter that logs, with the attributes that more returns at the end of each line.
func (l *Lines) Log(units []schemas.Unit, more func() []any) *Meter {
	return l.meter(units, more).run(time.Second)
}

func (l *Lines) meter(units []schemas.Unit, more func() []any) *Meter {
	m := newMeter(units)
	m.show = func(now time.Time) {
		if now.Before(l.next) {
			return
		}
		l.next = now.Add(logEvery)
		documents, computed := m.estimate.done()
		attributes := []any{"input", m.input(), "documents", documents}
		if computed == 0 {
			prepared := 0
			for _, u := range m.units {
				prepared += u.prepared
			}
			attributes = append(attributes, "prepared", prepared)
		}
		if share := m.share(); share > 0 {
			attributes = append(attributes, "done", fmt.Sprintf("%.0f%%", 100*share))
		}
		if rate := m.perSecond(); rate > 0 {
			attributes = append(attributes, "per_second", fmt.Sprintf("%.1f", rate))
		}
		if left := m.left(); left > 0 {
			attributes = append(attributes, "left", left)
		}
		l.log.Info("progress", append(attributes, more()...)...)
	}
	return m
}

// steps is the number of steps of a bar.
const steps = 1000

// NewBar returns a Meter that draws a bar. At the end the bar stays on the terminal, at 100% or
// where the run stopped. While it is not known how much there is to do, the bar only shows that the
// run is alive.
func NewBar(w io.Writer, units []schemas.Unit) *Meter {
	return newBar(w, units).run(200 * time.Millisecond)
}

func newBar(w io.Writer, units []schemas.Unit) *Meter {
	m := newMeter(units)
	bar := progressbar.NewOptions64(
		-1,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionSetWidth(24),
		progressbar.OptionSpinnerType(14),
		progressbar.OptionSetSpinnerChangeInterval(0), // so that it does not draw by itself
	)
	known := false
	// A failure to draw must not stop the run.
	m.show = func(time.Time) {
		bar.Describe(m.text())
		share := m.share()
		if share > 0 && !known {
			known = true
			bar.ChangeMax(steps)
		}
		if known {
			_ = bar.Set(min(steps-1, int(steps*share))) // the last step is close's, so that it is always drawn
		} else {
			_ = bar.Add(0)
		}
	}
	m.close = func() {
		bar.Describe(m.text())
		if m.ended() {
			bar.ChangeMax(steps)
			_ = bar.Finish()
		}
		fmt.Fprintln(w)
	}
	return m
}

// ended reports whether all units have ended.
func (m *Meter) ended() bool {
	for _, u := range m.units {
		if !u.ended {
			return false
		}
	}
	return true
}

// text is what a bar says.
func (m *Meter) text() string {
	text := inert.Line(m.name)
	if text == "" {
		text = "input " + m.input()
	}
	documents, computed := m.estimate.done()
	if computed == 0 {
		prepared := 0
		for _, u := range m.units {
			prepared += u.prepared
		}
		if prepared > 0 {
			return fmt.Sprintf("%s, %d documents prepared", text, prepared)
		}
	}
	text += fmt.Sprintf(", %d documents", documents)
	if rate := m.perSecond(); rate > 0 {
		text += fmt.Sprintf(", %.1f/s", rate)
	}
	if left := m.left(); left > 0 && !m.ended() {
		text += fmt.Sprintf(", %v left", left)
	}
	return text
}
