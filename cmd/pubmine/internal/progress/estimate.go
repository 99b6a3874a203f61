package progress

import (
	"os"
	"strings"
	"time"

	"github.com/pubmine/pubmine/schemas"
)

// Bytes per record until enough have been read: those of PubMed's update files.
const (
	plainBytes = 14_000
	gzipBytes  = 1_800
)

// enough is the number of records from which on the share of a unit that was read tells how many
// more there are: a source reads ahead.
const enough = 100

// unit is what is known of a unit.
type unit struct {
	size     float64 // in bytes; 0 if it is not known
	zipped   bool
	prepared int     // records
	read     float64 // share that was read when these were prepared
	whole    bool    // all records are prepared
	resumed  int     // records of earlier runs
	inferred int     // records that this run computed
	ended    bool    // published, skipped or failed: no more records come
}

func newUnit(u schemas.Unit) *unit {
	x := &unit{zipped: strings.HasSuffix(strings.ToLower(u.Path), ".gz")}
	if info, err := os.Stat(u.Path); err == nil { // a file that has gone is for the run to report
		x.size = float64(info.Size())
	}
	return x
}

// done is the number of records that need no more work.
func (u *unit) done() int { return u.resumed + u.inferred }

// seen is the number of records that were read.
func (u *unit) seen() int { return u.resumed + u.prepared }

// measured reports whether the records that were read tell how many there are.
func (u *unit) measured() bool { return u.whole || u.read > 0 && u.seen() >= enough }

// estimate estimates the number of records of a run, and the time that it still takes.
type estimate struct {
	units  []*unit
	recent []sample // the oldest first; the first is of the first record that was computed
}

// sample is how many records were computed at a time.
type sample struct {
	at       time.Time
	computed int
}

// window is the time over which speed is measured.
const window = time.Minute

// records estimates how many records the units have, 0 if that is not known.
func (e *estimate) records() float64 {
	var bytes, measured [2]float64 // by unit.zipped
	var units, seen float64
	for _, u := range e.units {
		if u.measured() {
			bytes[index(u.zipped)] += u.size * u.read
			measured[index(u.zipped)] += float64(u.seen())
		}
		if u.whole && u.seen() > 0 {
			units, seen = units+1, seen+float64(u.seen())
		}
	}
	total := 0.0
	for _, u := range e.units {
		k := index(u.zipped)
		perRecord := [2]float64{plainBytes, gzipBytes}[k]
		if bytes[k] > 0 {
			perRecord = bytes[k] / measured[k]
		}
		expected := float64(u.done())
		switch {
		case u.ended:
		case u.measured():
			expected = float64(u.seen()) / u.read
		case u.size > 0:
			expected = max(float64(u.seen()), u.size/perRecord)
		case units > 0:
			expected = max(float64(u.seen()), seen/units)
		default:
			return 0
		}
		total += expected
	}
	return total
}

func index(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// done returns the number of records that need no more work, and of those the computed ones.
func (e *estimate) done() (done, computed int) {
	for _, u := range e.units {
		done, computed = done+u.done(), computed+u.inferred
	}
	return done, computed
}

// observe takes a sample.
func (e *estimate) observe(now time.Time) {
	_, computed := e.done()
	if computed == 0 {
		return
	}
	e.recent = append(e.recent, sample{now, computed})
	for len(e.recent) > 2 && now.Sub(e.recent[1].at) >= window {
		e.recent = e.recent[1:]
	}
}

// perSecond is the number of records that were computed in a second lately, 0 if that is not known.
func (e *estimate) perSecond() float64 {
	if len(e.recent) < 2 {
		return 0
	}
	first, last := e.recent[0], e.recent[len(e.recent)-1]
	if last.at.Sub(first.at) < time.Second {
		return 0
	}
	return float64(last.computed-first.computed) / last.at.Sub(first.at).Seconds()
}

// left estimates the time until the end, at least a second; 0 if it is not known.
func (e *estimate) left() time.Duration {
	done, _ := e.done()
	rate, records := e.perSecond(), e.records()
	if rate == 0 || records == 0 {
		return 0
	}
	seconds := max(1, (records-float64(done))/rate)
	left := time.Duration(seconds * float64(time.Second))
	switch {
	case left < 2*time.Minute:
		return left.Round(time.Second)
	case left < 2*time.Hour:
		return left.Round(10 * time.Second)
	}
	return left.Round(time.Minute)
}

// share is the share of the records that need no more work, 0 if it is not known.
func (e *estimate) share() float64 {
	done, _ := e.done()
	if records := e.records(); records > 0 {
		return min(1, float64(done)/records)
	}
	return 0
}
