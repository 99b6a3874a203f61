package corpus

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// Options configure a Sink. The zero value is usable.
type Options struct {
	// Replace lets an input replace one with the same name and other content. Without it such an
	// input is refused.
	Replace bool
	// Direct writes the rows of a unit straight into its tables, without checkpoints: a unit that
	// was interrupted starts again. It is for runs without a model, whose rows cost less to
	// recompute than to checkpoint. The published files are the same.
	Direct bool
	// Log receives one line for each repair.
	Log func(line string)
	// Fault is called before every I/O with the operation and the path; an error that it returns
	// takes the place of one of the operating system. It is for tests.
	Fault func(op, path string) error
}

// Sink is a corpus opened for writing: a pipeline.Sink. One process at a time can hold it.
type Sink struct {
	root          string
	dir           *store.Dir
	configuration Configuration
	fingerprint   string
	options       Options
	unlock        func() error

	mu          sync.Mutex
	live        Snapshot
	missing     map[string]bool // live units with a missing file
	uncommitted *tableFiles     // of the unit that a directWriter writes
}

// Create opens the corpus for writing, creates it if root is missing or empty, and repairs the
// remains of a crash. Close it when done.
func Create(root string, spec Configuration, o Options) (*Sink, error) {
	s, err := open(root, spec, o, true)
	if err != nil {
		return nil, explain(root, err)
	}
	return s, nil
}

func open(root string, spec Configuration, o Options, lock bool) (*Sink, error) {
	if o.Log == nil {
		o.Log = func(string) {}
	}
	s := &Sink{
		root: root, dir: store.New(root, o.Fault), configuration: spec, fingerprint: spec.Fingerprint(), options: o,
		unlock: func() error { return nil }, missing: map[string]bool{},
	}
	found, err := checkFormat(s.dir)
	if err == nil && !found {
		err = checkEmpty(root)
	}
	if err != nil {
		return nil, err
	}
	if lock {
		if s.unlock, err = s.dir.Lock(lockFile); err != nil {
			return nil, err
		}
	}
	if !found {
		err = writeHeader(s.dir)
	}
	if err == nil {
		err = s.recover(lock)
	}
	if err != nil {
		return nil, errors.Join(err, s.unlock())
	}
	return s, nil
}

// Close releases the corpus.
func (s *Sink) Close() error {
	s.discardUncommitted()
	return s.unlock()
}

// Snapshot returns the current snapshot.
func (s *Sink) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live
}

func (s *Sink) liveUnit(name string) (Record, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.live.Unit(name)
}

// isMissing reports whether a file of a live unit is missing.
func (s *Sink) isMissing(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.missing[name]
}

// Committed reports whether the unit is published under this configuration. If the stamp is the
// recorded one, the digest is not needed.
func (s *Sink) Committed(u schemas.Unit, digest func() (string, error)) (bool, error) {
	r, ok := s.liveUnit(u.Name)
	if !ok || s.isMissing(u.Name) || r.Fingerprint != s.fingerprint {
		return false, nil
	}
	if u.Stamp != "" && u.Stamp == r.Stamp {
		return true, nil
	}
	sum, err := digest()
	return err == nil && sum == r.Digest, err
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
	r, ok := s.liveUnit(u.Name)
	if ok && !sameContent(r.Digest, digest) && !s.options.Replace {
		return nil, &schemas.BadInputError{Path: u.Path, Err: fmt.Errorf(
			"the corpus has a unit %s with other content: give it another name, or allow it to be replaced", u.Name)}
	}
	p := &unitWriter{
		sink: s, unit: u, digest: digest, key: unitKey(s.fingerprint, digest), have: map[int]bool{},
		versions: map[int]chunkVersions{},
	}
	p.work = workPath(u.Name, p.key)
	if err := p.resume(ctx); err != nil {
		return nil, explain(s.root, err)
	}
	if s.options.Direct && len(p.have) == 0 {
		return newDirectWriter(p), nil
	}
	return p, nil
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
