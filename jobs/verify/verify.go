package verify

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
)

// Options configure Check. The zero value is usable.
type Options struct {
	// Quick checks no rows.
	Quick bool
	// Progress, unless nil, is called after each part with the bytes of the data files that are
	// checked, and of all. Calls do not overlap.
	Progress func(done, all int64)
}

// Report is the result of Check.
type Report struct {
	Problems []corpus.Problem
	// Damaged are the data files that are lost or have other bytes than were published.
	Damaged []corpus.File
	// Notes tell what was not checked, and that rows are wrong.
	Notes []string
	Files int   // number of data files
	Bytes int64 // of them
}

// Check verifies a corpus. It may run beside a writer.
func Check(ctx context.Context, root string, o Options) (*Report, error) {
	c, err := corpus.Open(root)
	if err != nil {
		return nil, err
	}
	r := &Report{}
	if r.Problems, err = c.VerifyLayout(); err != nil {
		return nil, err
	}
	problems, err := checkPlans(root)
	if err != nil {
		return nil, err
	}
	r.Problems = append(r.Problems, problems...)
	snapshot, err := c.Snapshot()
	if err != nil {
		return nil, err
	}
	k := &checker{corpus: c, options: o, report: r}
	if err := k.parts(ctx, &snapshot); err != nil {
		return nil, err
	}
	slices.SortStableFunc(r.Problems, func(a, b corpus.Problem) int { return cmp.Compare(a.Path, b.Path) })
	slices.SortFunc(r.Damaged, func(a, b corpus.File) int { return cmp.Compare(a.Path, b.Path) })
	return r, nil
}

// Damaged returns the published files that are lost or have other bytes than were published. It may
// be used by the writer of the corpus.
func Damaged(ctx context.Context, root string, progress func(done, all int64)) ([]corpus.File, error) {
	c, err := corpus.Open(root)
	if err != nil {
		return nil, err
	}
	snapshot, err := c.Snapshot()
	if err != nil {
		return nil, err
	}
	k := &checker{corpus: c, options: Options{Quick: true, Progress: progress}, report: &Report{}}
	if err := k.parts(ctx, &snapshot); err != nil {
		return nil, err
	}
	slices.SortFunc(k.report.Damaged, func(a, b corpus.File) int { return cmp.Compare(a.Path, b.Path) })
	return k.report.Damaged, nil
}

// checker checks the parts of a corpus.
type checker struct {
	corpus  *corpus.Corpus
	options Options

	mu     sync.Mutex
	report *Report
	done   int64 // bytes

	wrongRows bool // is noted
}

// job is a part to check, of the first edition that has it.
type job struct {
	edition *corpus.Edition
	part    *corpus.Part
}

func (k *checker) parts(ctx context.Context, s *corpus.Snapshot) error {
	var all []job
	seen := map[string]bool{}
	for i := range s.Editions {
		e := &s.Editions[i]
		k.note(e)
		for j := range e.Parts {
			p := &e.Parts[j]
			id := p.Name + " " + p.Key
			if seen[id] {
				continue // of two editions
			}
			seen[id] = true
			all = append(all, job{e, p})
			for _, f := range p.Files {
				k.report.Files, k.report.Bytes = k.report.Files+1, k.report.Bytes+f.Bytes
			}
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, j := range all {
		group.Go(func() error { return k.part(ctx, j) })
	}
	return group.Wait()
}

// note notes that the rows of an edition cannot be read.
func (k *checker) note(e *corpus.Edition) {
	if !k.options.Quick && !readable(e) {
		k.report.Notes = append(k.report.Notes, fmt.Sprintf(
			"edition %d: its rows were not checked: they are of tables of version %d, and this pubmine knows version %d",
			e.ID, e.Configuration.Schema, schemas.Version))
	}
}

// readable reports whether the files of an edition have the columns that this program knows.
func readable(e *corpus.Edition) bool {
	return e.Configuration == nil || e.Configuration.Schema == schemas.Version
}

func (k *checker) part(ctx context.Context, j job) error {
	bytes, damaged := int64(0), false
	for _, f := range j.part.Files {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		problem, err := k.corpus.VerifyFile(f)
		if err != nil {
			return err
		}
		if problem != nil {
			damaged = true
			k.add(*problem)
			k.damaged(f)
		}
		bytes += f.Bytes
	}
	var problems []corpus.Problem
	if !damaged && !k.options.Quick && readable(j.edition) {
		var err error
		if problems, err = checkRows(ctx, k.corpus, j); err != nil {
			return err
		}
	}
	k.add(problems...)
	k.noteRows(len(problems) > 0)
	k.progress(bytes)
	return nil
}

func (k *checker) add(problems ...corpus.Problem) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.report.Problems = append(k.report.Problems, problems...)
}

// noteRows notes, once, that rows are wrong.
func (k *checker) noteRows(wrong bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if wrong && !k.wrongRows {
		k.wrongRows = true
		k.report.Notes = append(k.report.Notes, "rows are wrong in files that are as they were published: "+
			"no repair can help; please report this as a bug of pubmine")
	}
}

func (k *checker) damaged(f corpus.File) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.report.Damaged = append(k.report.Damaged, f)
}

func (k *checker) progress(bytes int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.done += bytes
	if k.options.Progress != nil {
		k.options.Progress(k.done, k.report.Bytes)
	}
}
