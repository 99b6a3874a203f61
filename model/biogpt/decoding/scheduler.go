package decoding

import (
	"context"
	"fmt"
	"slices"
)

// promptTokens is the number of tokens of prompts that are read between two steps while sequences
// wait for the next step: few enough not to delay these much, enough for the products of a prompt
// to run at full speed.
const promptTokens = 512

// A Scheduler runs requests on one Decoder. It is used from one goroutine at a time.
type Scheduler struct {
	decoder Decoder
	limits  Limits
	waiting []*job
	active  []*job
	free    []int // slots, sorted
	stats   Stats
}

// Stats are counters of a Scheduler.
type Stats struct {
	Waiting, Active int // number of requests now
	Prompts         int // tokens of prompts read
	Steps           int // calls of Decoder.Step
	Rows            int // tokens read in steps: Rows/Steps of Slots were in use
	Copies          int // slots copied
}

// job is an admitted or waiting request.
type job struct {
	Request
	ctx    context.Context
	search search
	slots  []int // all slots of the job
	rows   []int // the slot of each row of the search
	moves  []move
}

// NewScheduler returns a Scheduler of a decoder, which must not be used otherwise.
func NewScheduler(d Decoder, l Limits) *Scheduler {
	s := &Scheduler{decoder: d, limits: l}
	for i := range l.Slots {
		s.free = append(s.free, i)
	}
	return s
}

// Stats returns the counters so far.
func (s *Scheduler) Stats() Stats {
	stats := s.stats
	stats.Waiting, stats.Active = len(s.waiting), len(s.active)
	return stats
}

// Add puts a request at the end of the queue. When its context ends, the request ends with the
// context's error at the beginning of the next Step. Add returns an error if the request can never
// run; its functions are not called then.
func (s *Scheduler) Add(ctx context.Context, r Request) error {
	if err := r.check(s.limits); err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	s.waiting = append(s.waiting, &job{Request: r, ctx: ctx, search: newSearch(r, s.limits)})
	return nil
}

// Step admits waiting requests to free slots, reads their prompts, and makes every sequence read
// one more token. It reports whether requests are left. An error of the decoder ends the active
// requests and is returned.
func (s *Scheduler) Step(ctx context.Context) (more bool, err error) {
	s.drop()
	if err := s.admit(ctx); err != nil {
		return s.fail(err)
	}
	if err := s.decode(ctx); err != nil {
		return s.fail(err)
	}
	return len(s.waiting)+len(s.active) > 0, nil
}

// Abort ends every request with an error.
func (s *Scheduler) Abort(err error) {
	for _, j := range append(s.active, s.waiting...) {
		s.finish(j, err)
	}
	s.active, s.waiting = nil, nil
}

func (s *Scheduler) fail(err error) (bool, error) {
	for _, j := range s.active {
		s.finish(j, err)
	}
	s.active = nil
	return len(s.waiting) > 0, err
}

// drop ends the requests whose contexts have ended.
func (s *Scheduler) drop() {
	ended := func(j *job) bool {
		err := context.Cause(j.ctx)
		if err != nil {
			s.finish(j, err)
		}
		return err != nil
	}
	s.waiting = slices.DeleteFunc(s.waiting, ended)
	s.active = slices.DeleteFunc(s.active, ended)
}

// finish frees the slots of a job and reports its result.
func (s *Scheduler) finish(j *job, err error) {
	s.release(j.slots)
	j.slots = nil
	switch {
	case j.Done == nil:
	case err != nil:
		j.Done(nil, err)
	default:
		j.Done(j.search.sequences(), nil)
	}
}

func (s *Scheduler) release(slots []int) {
	s.free = append(s.free, slots...)
	slices.Sort(s.free)
}

// admit gives free slots to the first requests in the queue and reads their prompts. If the first
// request does not fit, later ones wait too: otherwise it could wait forever.
func (s *Scheduler) admit(ctx context.Context) error {
	var prompts []Prompt
	tokens, old := 0, len(s.active)
	for len(s.waiting) > 0 {
		j := s.waiting[0]
		if j.width() > len(s.free) || old > 0 && tokens > 0 && tokens+len(j.Prompt) > promptTokens {
			break
		}
		s.waiting = s.waiting[1:]
		j.slots = slices.Clone(s.free[:j.width()])
		s.free = s.free[j.width():]
		j.rows = j.slots[:1]
		s.active = append(s.active, j)
		prompts = append(prompts, Prompt{j.slots[0], j.Prompt})
		tokens += len(j.Prompt)
	}
	if len(prompts) == 0 {
		return nil
	}
	s.stats.Prompts += tokens
	logits, err := s.decoder.Prefill(ctx, prompts)
	if err != nil {
		return err
	}
	for i, j := range s.active[old:] {
		j.moves = j.search.advance(logits[i : i+1])
	}
	s.sweep()
	return nil
}

// decode makes every row read its next token.
func (s *Scheduler) decode(ctx context.Context) error {
	if len(s.active) == 0 {
		return nil
	}
	var from, to []int
	var tokens []Token
	for _, j := range s.active {
		f, t := j.place()
		from, to = append(from, f...), append(to, t...)
		for i, m := range j.moves {
			tokens = append(tokens, Token{j.rows[i], m.id})
		}
		s.trim(j)
	}
	if len(from) > 0 {
		s.stats.Copies += len(from)
		if err := s.decoder.Copy(ctx, from, to); err != nil {
			return err
		}
	}
	s.stats.Steps++
	s.stats.Rows += len(tokens)
	logits, err := s.decoder.Step(ctx, tokens)
	if err != nil {
		return err
	}
	for _, j := range s.active {
		n := len(j.rows)
		j.moves = j.search.advance(logits[:n])
		logits = logits[n:]
	}
	s.sweep()
	return nil
}

// place finds a slot for each of the moves: the first continuation of a row stays in the row's
// slot, the others are copied to unused slots.
func (j *job) place() (from, to []int) {
	next := make([]int, len(j.moves))
	var taken []int
	for i, m := range j.moves {
		if slot := j.rows[m.from]; !slices.Contains(taken, slot) {
			next[i], taken = slot, append(taken, slot)
		} else {
			next[i] = -1
		}
	}
	spare := slices.DeleteFunc(slices.Clone(j.slots), func(slot int) bool { return slices.Contains(taken, slot) })
	for i, m := range j.moves {
		if next[i] < 0 {
			next[i], spare = spare[0], spare[1:]
			from, to = append(from, j.rows[m.from]), append(to, next[i])
		}
	}
	j.rows = next
	return from, to
}

// trim frees the slots of a job that no row uses.
func (s *Scheduler) trim(j *job) {
	if len(j.rows) < len(j.slots) {
		s.release(
			slices.DeleteFunc(slices.Clone(j.slots), func(slot int) bool { return slices.Contains(j.rows, slot) }),
		)
		j.slots = slices.Clone(j.rows)
	}
}

// sweep removes the jobs that have no moves left.
func (s *Scheduler) sweep() {
	s.active = slices.DeleteFunc(s.active, func(j *job) bool {
		if len(j.moves) == 0 {
			s.finish(j, nil)
		}
		return len(j.moves) == 0
	})
}
