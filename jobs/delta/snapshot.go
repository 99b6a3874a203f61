package delta

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
)

// snapshot is the whole of a version: what its checkpoint holds.
type snapshot struct {
	version  int64
	protocol *protocol
	metaData *metaData
	adds     map[string]*add    // live files, by path
	removes  map[string]*remove // files that were removed: tombstones, by path
}

func newSnapshot(version int64) *snapshot {
	return &snapshot{version: version, adds: map[string]*add{}, removes: map[string]*remove{}}
}

// apply changes the snapshot by the actions of a commit or of a checkpoint. Actions of other kinds
// do not change what is read.
func (s *snapshot) apply(actions []action) {
	for _, a := range actions {
		switch {
		case a.Protocol != nil:
			s.protocol = a.Protocol
		case a.MetaData != nil:
			s.metaData = a.MetaData
		case a.Remove != nil:
			delete(s.adds, a.Remove.Path)
			s.removes[a.Remove.Path] = a.Remove
		case a.Add != nil:
			delete(s.removes, a.Add.Path)
			s.adds[a.Add.Path] = a.Add
		}
	}
}

// actions is the inverse of apply, in a fixed order.
func (s *snapshot) actions() []action {
	actions := []action{{Protocol: s.protocol}, {MetaData: s.metaData}}
	for _, path := range slices.Sorted(maps.Keys(s.removes)) {
		actions = append(actions, action{Remove: s.removes[path]})
	}
	for _, path := range slices.Sorted(maps.Keys(s.adds)) {
		actions = append(actions, action{Add: s.adds[path]})
	}
	return actions
}

// check refuses a version that this package cannot read.
func (s *snapshot) check() error {
	switch {
	case s.protocol == nil || s.metaData == nil:
		return fmt.Errorf("%w: no protocol or metaData", ErrDamaged)
	case s.protocol.MinReaderVersion > 1:
		return fmt.Errorf("needs version %d of the protocol: %w", s.protocol.MinReaderVersion, ErrConflict)
	}
	return nil
}

// files returns the live files, by path.
func (s *snapshot) files() ([]File, error) {
	files := make([]File, 0, len(s.adds))
	for _, add := range s.adds {
		f, err := add.file()
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, nil
}

// Read returns the live files of a version, by path; version -1 is the newest. A version whose
// commits were removed by [Log.Clean], and every version of a missing table, is fs.ErrNotExist.
func (l *Log) Read(version int64) ([]File, error) {
	s, err := l.read(version)
	if err != nil {
		return nil, err
	}
	files, err := s.files()
	if err != nil {
		return nil, fmt.Errorf("%s: version %d: %w: %w", l.key(""), s.version, ErrDamaged, err)
	}
	return files, nil
}

// read replays the commits after the newest intact checkpoint.
func (l *Log) read(version int64) (*snapshot, error) {
	listed, err := l.list()
	if err != nil {
		return nil, err
	}
	if version < 0 {
		version = listed.newest()
	}
	s, damage, err := l.start(listed, version)
	if err != nil {
		return nil, err
	}
	for v := s.version + 1; v <= max(version, 0); v++ {
		actions, err := l.readCommit(v)
		if errors.Is(err, fs.ErrNotExist) {
			err = errors.Join(err, damage)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: version %d: %w", l.key(""), version, err)
		}
		s.apply(actions)
		s.version = v
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("%s: version %d: %w", l.key(""), version, err)
	}
	return s, nil
}

// start returns the newest intact checkpoint of this program up to a version, or version -1.
// damage has the errors of the others.
func (l *Log) start(listed listing, version int64) (s *snapshot, damage, err error) {
	for _, v := range slices.Backward(listed.checkpoints) {
		if v > version {
			continue
		}
		s, err := l.readCheckpoint(v)
		switch {
		case err == nil:
			return s, damage, nil
		case !errors.Is(err, ErrDamaged) && !errors.Is(err, fs.ErrNotExist):
			return nil, nil, err
		}
		damage = errors.Join(damage, err)
	}
	return newSnapshot(-1), damage, nil
}

func (l *Log) readCommit(version int64) ([]action, error) {
	data, err := l.dir.Get(l.commitKey(version))
	if err != nil {
		return nil, err
	}
	actions, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.dir.Path(l.commitKey(version)), err)
	}
	return actions, nil
}
