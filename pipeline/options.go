package pipeline

import (
	"runtime"
	"sync"
	"time"

	"github.com/pubmine/pubmine/schemas"
)

// Options are the sizes of chunks, groups and worker pools. The zero value is usable. Chunk and
// GroupTokens decide what is encoded together and so are part of the fingerprint; Workers is not.
type Options struct {
	// Chunk is the number of records that are checkpointed together. The default, 256, is some
	// seconds of work of a small model on two cores and some minutes of BioGPT's.
	Chunk int
	// GroupTokens bounds the tokens whose states are in memory together, and so the tokens of one
	// document. The default, 65,536, is a chunk of ordinary abstracts, and 256 MiB of states at
	// BioGPT's width of 1,024.
	GroupTokens int
	// Workers is the number of documents prepared, and the number finished, at once. The default is
	// the number of processors.
	Workers int
	// Keep is the time after which the finished records of a chunk are kept before all of it is, by
	// a Keeper. The default is 30 seconds.
	Keep time.Duration
}

// WithDefaults returns the options with defaults in place of zeros: what the run will use.
func (o Options) WithDefaults() Options {
	if o.Chunk <= 0 {
		o.Chunk = 256
	}
	if o.GroupTokens <= 0 {
		o.GroupTokens = 65_536
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Keep <= 0 {
		o.Keep = 30 * time.Second
	}
	return o
}

// Hooks report the progress of a run. A nil hook does nothing. Hooks are called from different
// goroutines, one at a time; the run waits for them.
type Hooks struct {
	UnitStart func(u schemas.Unit, index, total int)    // a unit starts or is skipped: number index of total
	Documents func(u schemas.Unit, n int, resumed bool) // n more records are checkpointed, or were before this run
	// n more records are prepared for the model; the share of the unit that is read by then is 0 if
	// it is not known, and in the end 1
	Prepared func(u schemas.Unit, n int, read float64)
	Inferred func(u schemas.Unit, n int)                  // the model has done n more records
	UnitDone func(u schemas.Unit, s UnitState, why error) // why is nil unless the unit failed
	// since the start of the run; called before Documents for new records
	Waits func(w Waits)
}

// UnitState is how a unit ended.
type UnitState int

// The states.
const (
	UnitDone    UnitState = iota // published by this run
	UnitSkipped                  // was published before
	UnitFailed                   // cannot be read: nothing is published
)

// serialized returns the hooks with no-ops in place of nil, each holding mu while it runs.
func (h Hooks) serialized(mu *sync.Mutex) Hooks {
	return Hooks{
		UnitStart: func(u schemas.Unit, index, total int) {
			mu.Lock()
			defer mu.Unlock()
			if h.UnitStart != nil {
				h.UnitStart(u, index, total)
			}
		},
		Documents: func(u schemas.Unit, n int, resumed bool) {
			mu.Lock()
			defer mu.Unlock()
			if h.Documents != nil {
				h.Documents(u, n, resumed)
			}
		},
		Prepared: func(u schemas.Unit, n int, read float64) {
			mu.Lock()
			defer mu.Unlock()
			if h.Prepared != nil {
				h.Prepared(u, n, read)
			}
		},
		Inferred: func(u schemas.Unit, n int) {
			mu.Lock()
			defer mu.Unlock()
			if h.Inferred != nil {
				h.Inferred(u, n)
			}
		},
		UnitDone: func(u schemas.Unit, s UnitState, why error) {
			mu.Lock()
			defer mu.Unlock()
			if h.UnitDone != nil {
				h.UnitDone(u, s, why)
			}
		},
		Waits: func(w Waits) {
			mu.Lock()
			defer mu.Unlock()
			if h.Waits != nil {
				h.Waits(w)
			}
		},
	}
}
