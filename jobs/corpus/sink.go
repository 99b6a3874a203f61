package corpus

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// Options configure a Sink. The zero value is usable.
type Options struct {
	// Replace lets an input replace one with the same name and other content. Without it such an
	// input is refused.
	Replace bool
	// DropTables lets a new edition have fewer tables than the current one. Without it a
	// configuration of fewer tasks or questions is refused.
	DropTables bool
	// Settings are kept with a new edition.
	Settings Settings
	// Direct writes the rows of a unit straight into its tables, without checkpoints: a unit that
	// was interrupted starts again. It is for runs without a model, whose rows cost less to
	// recompute than to checkpoint. The published files are the same.
	Direct bool
	// Pack is the number of records from which on a unit is a part of its own. Smaller units are
	// published several at a time, as one part (a pack): when together they reach this number, or
	// at Flush. 0 makes every unit a part.
	Pack int
	// Log receives one line for each repair, and for each change of edition.
	Log func(line string)
	// Fault is called before every I/O with the operation and the path; an error that it returns
	// takes the place of one of the operating system. It is for tests.
	Fault func(op, path string) error
	// Now is the time of commits; nil for the clock.
	Now func() time.Time
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = func(string) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Sink is an edition of a corpus opened for writing: a pipeline.Sink. One process at a time can
// hold a corpus.
type Sink struct {
	root          string
	dir           *store.Dir
	configuration Configuration
	fingerprint   string
	options       Options
	unlock        func() error
	locks         bool // false: without locks, as on systems that have none
	preview       bool // nothing is written: see Preview
	target        Target

	mu          sync.Mutex
	live        Snapshot
	base        int64                // version of the newest checkpoint of the log
	edition     int                  // that is written: of live, or one more if it is new
	release     string               // that sync applies
	waiting     bool                 // for its baseline, if the edition is new
	missing     map[string]bool      // units of the edition with a missing or damaged file
	uncommitted *tableFiles          // of the unit that a directWriter writes
	packs       map[string]*pack     // by the stem of the part that they repair, or "" for the one that begins
	holding     map[*unitWriter]bool // that have chunks only in memory
	folders     map[string][]string  // that earlier runs left in meta/work, by unit; nil: not read
	saved       time.Time            // when these were checkpointed
}

// Create opens the corpus for writing, creates it if root is missing or empty, and repairs the
// remains of a crash. Results go to the edition of the configuration; if there is none, a new one
// begins with the first unit. Close it when done.
func Create(root string, spec Configuration, o Options) (*Sink, error) {
	s, err := open(root, spec, o, true)
	if err != nil {
		return nil, explain(root, err)
	}
	return s, nil
}

func newSink(root string, spec Configuration, o Options) *Sink {
	return &Sink{
		root: root, dir: store.New(root, o.Fault), configuration: spec, fingerprint: spec.Fingerprint(),
		options: o.withDefaults(), unlock: func() error { return nil }, missing: map[string]bool{},
		packs: map[string]*pack{}, holding: map[*unitWriter]bool{},
	}
}

// find reports whether there is a corpus. A directory that is neither a corpus nor empty is
// ErrNotCorpus.
func (s *Sink) find() (bool, error) {
	found, err := checkFormat(s.dir)
	if err != nil || found {
		return found, err
	}
	if found, err = hasLog(s.dir); err != nil || found {
		return found, err
	}
	return false, checkEmpty(s.root)
}

func open(root string, spec Configuration, o Options, lock bool) (*Sink, error) {
	s := newSink(root, spec, o)
	if _, err := s.find(); err != nil {
		return nil, err
	}
	s.locks = lock
	err := s.exclusive(s.begin)
	if err == nil {
		err = s.chooseEdition()
	}
	if err != nil {
		return nil, errors.Join(err, s.unlock())
	}
	return s, nil
}

// begin takes the lock, and creates the corpus, or repairs what a crash left of it.
func (s *Sink) begin() (err error) {
	if s.locks {
		unlock, err := s.dir.Lock(lockFile)
		if err != nil {
			return err
		}
		s.unlock = unlock
	}
	found, err := checkFormat(s.dir)
	if err == nil && !found {
		err = create(s.dir, s.options.Now())
	}
	if err != nil {
		return err
	}
	if !s.locks {
		_, err := s.read()
		return err
	}
	return s.recover(s.sweepAlone)
}

// chooseEdition finds the edition of the configuration, or decides that a new one is to begin.
func (s *Sink) chooseEdition() error {
	if e := s.live.find(s.fingerprint); e != nil {
		s.edition, s.release = e.ID, e.Release
		s.target = Target{Edition: s.edition}
		return s.findMissing(e)
	}
	now := s.live.Target()
	for i := range s.live.Editions {
		s.edition = max(s.edition, s.live.Editions[i].ID)
	}
	s.edition++
	s.target = Target{Edition: s.edition, Begins: true}
	if s.live.Current == 0 {
		return nil
	}
	s.target.Lost = lostTables(s.live.Seen(), &s.configuration)
	if len(s.target.Lost) > 0 && !s.options.DropTables {
		return &LossError{Edition: s.live.Current, Lost: s.target.Lost}
	}
	s.target.Difference = Difference(now.Configuration, &s.configuration)
	s.options.Log(fmt.Sprintf("edition %d begins: %s; readers see edition %d until it has all of its units",
		s.edition, s.target.Difference, s.live.Current))
	return nil
}

// Close releases the corpus. Finished units that were not flushed are kept as checkpoints.
func (s *Sink) Close() error {
	s.discardUncommitted()
	if err := s.saveHeld(); err != nil {
		s.options.Log(fmt.Sprintf("finished records are not kept and will be computed again: %v", err))
	}
	return s.unlock()
}

// Snapshot returns the current snapshot.
func (s *Sink) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live
}

// Path returns the path of a published file.
func (s *Sink) Path(f File) string { return s.dir.Path(f.Path) }

// Edition returns the edition that is written, as it is now. It is empty before its first unit.
func (s *Sink) Edition() *Edition {
	live := s.Snapshot()
	if e := live.Edition(s.edition); e != nil {
		return e
	}
	return s.newEdition()
}

// newEdition returns the edition that is written, before its first unit.
func (s *Sink) newEdition() *Edition {
	return &Edition{
		ID: s.edition, Fingerprint: s.fingerprint, Configuration: &s.configuration, Settings: s.options.Settings,
		Release: s.release, Waiting: s.waiting,
	}
}

// isMissing reports whether a file of a live unit is missing.
func (s *Sink) isMissing(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.missing[name]
}

// Committed reports whether the unit is published in this edition. If the stamp is the recorded
// one, the digest is not needed. A unit that is complete is published for those who want a part of
// it, too.
func (s *Sink) Committed(u schemas.Unit, digest func() (string, error)) (bool, error) {
	_, r := s.Edition().find(u.Name)
	if r == nil || s.isMissing(u.Name) {
		return false, nil
	}
	if u.Stamp != "" && (u.Stamp == r.Stamp || !r.Partial() && whole(u.Stamp) == r.Stamp) {
		return true, nil
	}
	sum, err := digest()
	return err == nil && (sum == r.Digest || !r.Partial() && whole(sum) == r.Digest), err
}

// Open starts or resumes a unit. It keeps the checkpoints of the same work and removes those of the
// same unit from other work.
func (s *Sink) Open(ctx context.Context, u schemas.Unit, digest string) (pipeline.UnitWriter, error) {
	if !unitName.MatchString(u.Name) {
		return nil, &schemas.BadInputError{
			Path: u.Path,
			Err:  fmt.Errorf("unit name %q: use letters, digits, '.', '_' and '-', at most 200", u.Name),
		}
	}
	if err := s.checkContent(u, digest); err != nil {
		return nil, &schemas.BadInputError{Path: u.Path, Err: err}
	}
	p := &unitWriter{
		sink: s, unit: u, digest: digest, key: unitKey(s.fingerprint, digest), have: map[int]bool{},
		versions: map[int]chunkVersions{}, held: map[int][]schemas.Rows{},
	}
	p.work = workPath(u.Name, p.key)
	if err := p.resume(ctx); err != nil {
		return nil, explain(s.root, err)
	}
	if s.preview {
		return previewWriter{p}, nil
	}
	if s.options.Direct && len(p.have) == 0 {
		return newDirectWriter(p), nil
	}
	return p, nil
}

// checkContent refuses a unit whose content differs from that of the unit with its name in this
// edition or the current one, unless it may replace it.
func (s *Sink) checkContent(u schemas.Unit, digest string) error {
	if s.options.Replace {
		return nil
	}
	live := s.Snapshot()
	for _, e := range []*Edition{s.Edition(), live.Seen()} {
		_, r := e.find(u.Name)
		switch {
		case r == nil:
		case !sameContent(r.Digest, digest):
			return fmt.Errorf("the corpus has a unit %s with other content (read from %s): "+
				"rename the file if it is another input, or give --replace if it is the new content of that one",
				u.Name, r.Path)
		}
	}
	return nil
}

// foldersOf returns the directories with checkpoints of a unit that earlier runs left.
func (s *Sink) foldersOf(unit string) ([]string, error) {
	if s.folders == nil {
		found, err := workFolders(s.dir)
		if err != nil {
			return nil, err
		}
		s.folders = map[string][]string{}
		for folder, unit := range found {
			s.folders[unit] = append(s.folders[unit], folder)
		}
	}
	return s.folders[unit], nil
}

// workFolders lists the directories that hold checkpoints, with the unit of each.
func workFolders(dir *store.Dir) (map[string]string, error) {
	files, err := dir.List(workDir)
	if err != nil {
		return nil, err
	}
	folders := map[string]string{}
	for _, f := range files {
		folder := path.Dir(f)
		unit := path.Base(folder)
		if i := strings.LastIndexByte(unit, '-'); i >= 0 {
			folders[folder] = unit[:i]
		}
	}
	return folders, nil
}
