package jobs

import "time"

// moment is a time and the processor time that the program had used by then.
type moment struct {
	at  time.Time
	cpu time.Duration
}

// elapsed is a time, and the processor time that the program used in it.
type elapsed struct{ wall, cpu time.Duration }

func now() moment { return moment{time.Now(), processorTime()} }

// until returns the time since m.
func (m moment) until() elapsed { return elapsed{time.Since(m.at), processorTime() - m.cpu} }

func (e elapsed) plus(o elapsed) elapsed { return elapsed{e.wall + o.wall, e.cpu + o.cpu} }

// minus returns the difference, not less than zero.
func (e elapsed) minus(o elapsed) elapsed {
	return elapsed{max(0, e.wall-o.wall), max(0, e.cpu-o.cpu)}
}

// times multiplies.
func (e elapsed) times(x float64) elapsed {
	return elapsed{time.Duration(float64(e.wall) * x), time.Duration(float64(e.cpu) * x)}
}
