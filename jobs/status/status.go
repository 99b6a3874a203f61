package status

import (
	"context"
	"os"
	"slices"
	"time"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
)

// Status is the state of a corpus.
type Status struct {
	Corpus  string    `json:"corpus"`  // the directory
	Version int64     `json:"version"` // -1 if the log cannot be read
	Changed time.Time `json:"changed"` // when the version was published
	// Edition is the number of the edition that readers see; 0 if nothing is published.
	Edition   int            `json:"edition"`
	Counts    schemas.Counts `json:"counts"`    // numbers of rows in its tables
	Documents *Documents     `json:"documents"` // what they come to
	Units     int            `json:"units"`     // in it
	Partial   []string       `json:"partial"`   // those with only the first records of their input
	Editions  []Edition      `json:"editions"`  // all, by number
	// Unfinished are the units that a run works on, or was stopped at.
	Unfinished []Unfinished `json:"unfinished"`
	Disk       Disk         `json:"disk"`
	Problems   []string     `json:"problems"` // a line each
}

// Edition is a complete set of results, or one that is being built.
type Edition struct {
	ID      int       `json:"edition"`
	State   string    `json:"state"`   // current, building, or kept
	Waiting bool      `json:"waiting"` // the baseline of its release is not complete
	Model   string    `json:"model"`   // empty if there was none
	Tasks   []string  `json:"tasks"`
	Begun   time.Time `json:"begun"`
	Units   int       `json:"units"`
	Sync    []Release `json:"sync"` // the releases of which sync applied files
}

// Release is how much of one of PubMed's releases sync applied.
type Release struct {
	Release string    `json:"release"`
	Files   int       `json:"files"`
	Through string    `json:"through"` // the last file before the first gap; empty if the first is missing
	Missing []string  `json:"missing"` // files that were not applied although a later one was
	Next    string    `json:"next"`
	Last    time.Time `json:"last"` // when the last one was applied
}

// Unfinished is a unit with checkpoints.
type Unfinished struct {
	Unit   string `json:"unit"`
	Chunks int    `json:"chunks"`
}

// Reader reads the status of a corpus, also repeatedly.
type Reader struct {
	root  string
	parts map[string]*partKeys // of files of documents, by path
}

// NewReader returns a Reader of the corpus in a directory.
func NewReader(root string) *Reader { return &Reader{root: root, parts: map[string]*partKeys{}} }

// Read returns the status. The error is that of corpus.Open, or of the context: what is wrong in
// the corpus is a problem.
func (r *Reader) Read(ctx context.Context) (*Status, error) {
	opened, err := corpus.Open(r.root)
	if err != nil {
		return nil, err
	}
	st := &Status{
		Corpus: r.root, Version: -1, Partial: []string{}, Editions: []Edition{}, Unfinished: []Unfinished{},
		Problems: []string{},
	}
	st.Counts.Add(nil)
	snapshot, err := opened.Snapshot()
	if err != nil {
		st.Problems = append(st.Problems, err.Error())
	} else {
		st.describe(&snapshot)
	}
	st.Disk = diskOf(r.root, &snapshot)
	unfinished, err := opened.Unfinished()
	if err != nil {
		st.Problems = append(st.Problems, err.Error())
	}
	for _, u := range unfinished {
		st.Unfinished = append(st.Unfinished, Unfinished{u.Unit, u.Chunks})
	}
	if st.Version < 0 {
		return st, ctx.Err()
	}
	st.Problems = append(st.Problems, badFiles(opened, snapshot.Seen())...)
	if st.Documents, err = r.count(ctx, opened, snapshot.Seen()); err != nil && ctx.Err() == nil {
		st.Problems = append(st.Problems, err.Error())
	}
	return st, ctx.Err()
}

// describe sets what follows from the snapshot alone.
func (st *Status) describe(s *corpus.Snapshot) {
	seen := s.Seen()
	st.Version, st.Changed, st.Edition = s.Version, s.Time, seen.ID
	st.Counts.Merge(seen.Counts())
	units := seen.Units()
	st.Units = len(units)
	for i := range units {
		if units[i].Partial() {
			st.Partial = append(st.Partial, units[i].Unit)
		}
	}
	for i := range s.Editions {
		st.Editions = append(st.Editions, editionOf(s, &s.Editions[i]))
	}
}

func editionOf(s *corpus.Snapshot, e *corpus.Edition) Edition {
	d := Edition{
		ID: e.ID, State: s.State(e), Waiting: e.Waiting, Model: e.Model(), Tasks: []string{}, Begun: e.Created,
		Units: len(e.Units()), Sync: []Release{},
	}
	if e.Configuration != nil {
		d.Tasks = append(d.Tasks, e.Configuration.Tasks...)
	}
	for _, p := range jobs.SyncProgress(e) {
		d.Sync = append(d.Sync, releaseOf(e, p))
	}
	return d
}

func releaseOf(e *corpus.Edition, p jobs.ReleaseProgress) Release {
	r := Release{Release: p.Release, Files: len(p.Numbers), Missing: []string{}, Next: p.Unit(p.Through() + 1)}
	if n := p.Through(); n > 0 {
		r.Through = p.Unit(n)
	}
	for _, n := range p.Missing() {
		r.Missing = append(r.Missing, p.Unit(n))
	}
	for i := range e.Parts {
		part := &e.Parts[i]
		ofRelease := func(u corpus.Record) bool { return u.Release == p.Release }
		if part.Time.After(r.Last) && slices.ContainsFunc(part.Units, ofRelease) {
			r.Last = part.Time
		}
	}
	return r
}

// badFiles compares the sizes of the files of an edition.
func badFiles(c *corpus.Corpus, e *corpus.Edition) (problems []string) {
	for i := range e.Parts {
		for _, f := range e.Parts[i].Files {
			info, err := os.Stat(c.Path(f))
			switch {
			case err != nil:
				problems = append(problems, f.Path+" is missing or not readable: run pubmine verify")
			case info.Size() != f.Bytes:
				problems = append(problems, f.Path+" has another size than was published: run pubmine verify")
			}
		}
	}
	return problems
}
