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

// Options say how a corpus is opened for writing. The zero value is good.
type Options struct {
	// Replace lets an input take the place of one with the same name and other content. Without it
	// such an input is refused.
	Replace bool
	// Direct writes the rows of a unit straight into its tables, without checkpoints: the unit of a
	// run that is stopped begins again. It is for runs without a model, whose rows cost less to
	// make again than to keep. The files are the same.
	Direct bool
	// Log is told, in one line each, what was repaired.
	Log func(line string)
	// Fault is called before every I/O with the operation and the path; an error from it stands for
	// one of the operating system. It is for tests.
	Fault func(op, path string) error
}

// Sink is a corpus opened for writing: a pipeline.Sink. One process has it at a time.
type Sink struct {
	root          string
	dir           *store.Dir
	configuration Configuration
	fingerprint   string
	options       Options
	unlock        func() error

	mu      sync.Mutex
	live    Snapshot
	missing map[string]bool // live units of which a file is gone
	writing *tableFiles     // of the unit that is written directly
}

// Create opens the corpus for writing, makes it if root is missing or empty, and repairs what a
// crash left. Close it when done.
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
		err = create(s.dir)
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
	s.discardWriting()
	return s.unlock()
}

// Snapshot returns what is published now.
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

// lost reports whether a file of a live unit is gone.
func (s *Sink) isMissing(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.missing[name]
}

// Committed reports whether the unit is published under this sink's spec. The stamp settles it
// where it is the one that was recorded.
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

// Open starts or resumes a unit. Checkpoints of the same work are taken up, those of the same unit
// from other work removed.
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

// workFolders lists the folders of checkpoints that hold files, each with the unit it belongs to.
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
