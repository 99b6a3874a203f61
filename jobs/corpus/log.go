package corpus

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/pubmine/pubmine/jobs/store"
)

// A file of the log is two lines of JSON: a commit or a Snapshot, and its check.

// checkLine is the second line: the sha256 of the first.
func checkLine(payload []byte) []byte { return fmt.Appendf(nil, "{\"sha256\":%q}\n", digest(payload)) }

func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("the log is strings and numbers: %v", err))
	}
	return slices.Concat(data, []byte("\n"), checkLine(data))
}

// errTorn reports that the end of a file is missing.
var errTorn = errors.New("its end is missing")

// decode decodes a file of the log. The error is errTorn if its end is missing.
func decode(data []byte, into any) error {
	payload, rest, found := bytes.Cut(data, []byte("\n"))
	if !found || len(rest) == 0 || rest[len(rest)-1] != '\n' {
		return errTorn
	}
	if !bytes.Equal(rest, checkLine(payload)) {
		return errors.New("its checksum does not match")
	}
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(payload, &version); err != nil {
		return err
	}
	if version.Format != format {
		return fmt.Errorf("%w (log format %d)", ErrFormat, version.Format)
	}
	return decodeStrict(payload, into)
}

// decodeStrict decodes one JSON value and refuses unknown fields and anything after it.
func decodeStrict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return errors.New("data after the end")
	}
	return nil
}

// logFiles lists the commits and the checkpoints of the log by version, also those of which only
// the copy is left.
func logFiles(dir *store.Dir) (commits, checkpoints []int64, err error) {
	files, err := dir.List(logDir)
	if err != nil {
		return nil, nil, err
	}
	copies, err := dir.List(copyDir)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range copies {
		if name := path.Base(p); p == path.Join(copyDir, name) {
			files = append(files, path.Join(logDir, name))
		}
	}
	slices.Sort(files)
	for _, p := range slices.Compact(files) {
		if v, ok := commitVersion(p); ok {
			commits = append(commits, v)
		} else if v, ok := checkpointVersion(p); ok {
			checkpoints = append(checkpoints, v)
		}
	}
	return commits, checkpoints, nil
}

// history is what the log says: the newest snapshot, and how it came about.
type history struct {
	base    Snapshot // the newest checkpoint, or an empty one of version -1
	commits []commit // after base
	newest  Snapshot
	torn    []string // files at the end of the log that a crash cut off
}

// readLog reads the log. The error is ErrDamaged if a commit and its copy cannot be read.
func readLog(dir *store.Dir) (h history, err error) {
	for {
		commits, checkpoints, err := logFiles(dir)
		if err != nil {
			return history{}, err
		}
		h, err = replay(dir, commits, checkpoints)
		if !errors.Is(err, errCleaned) {
			return h, err
		}
	}
}

// errCleaned reports that a file was removed since it was listed, after a newer checkpoint.
var errCleaned = errors.New("removed since it was listed")

// replay reads the newest usable checkpoint and applies the commits after it.
func replay(dir *store.Dir, commits, checkpoints []int64) (h history, err error) {
	h.base = Snapshot{Format: format, Version: -1}
	var damage error
	for _, v := range slices.Backward(checkpoints) {
		s, err := readEither[Snapshot](dir, checkpointPath(v), v)
		if errors.Is(err, fs.ErrNotExist) {
			return history{}, errCleaned
		}
		if errors.Is(err, ErrFormat) || errors.Is(err, store.ErrIO) {
			return history{}, err
		}
		if err == nil {
			h.base = s
			break
		}
		damage = cmp.Or(damage, fmt.Errorf("%s: %w: %w", checkpointPath(v), err, ErrDamaged))
	}
	h.newest = h.base
	if len(commits) == 0 {
		return h, damage
	}
	last := commits[len(commits)-1]
	for v := h.base.Version + 1; v <= last; v++ {
		path := commitPath(v)
		c, err := readEither[commit](dir, path, v)
		switch {
		case errors.Is(err, errTorn) && v == last:
			h.torn = append(h.torn, path)
			return h, nil
		case errors.Is(err, fs.ErrNotExist) && slices.Contains(commits, v):
			return history{}, errCleaned
		case errors.Is(err, ErrFormat), errors.Is(err, store.ErrIO):
			return history{}, err
		case err != nil && v == 0 && damage != nil: // the commits before a checkpoint were removed
			return h, damage
		case errors.Is(err, fs.ErrNotExist):
			return h, fmt.Errorf("%s: is missing, and so is its copy: %w", path, ErrDamaged)
		case err != nil:
			return h, fmt.Errorf("%s: %w: %w", path, err, ErrDamaged)
		}
		if h.newest, err = h.newest.apply(&c); err != nil {
			return history{}, fmt.Errorf("%s: %w", path, err)
		}
		h.commits = append(h.commits, c)
	}
	return h, nil
}

// Every checkpoint costs as much as the log has parts, so that checkpoints must become rarer as the
// log grows: they are this many commits and a tenth of the number of parts apart.
const checkpointEvery = 100

// checkpointDue reports whether a checkpoint is to follow a snapshot.
func checkpointDue(base int64, s *Snapshot) bool {
	parts := 0
	for i := range s.Editions {
		parts += len(s.Editions[i].Parts)
	}
	return s.Version-base >= int64(checkpointEvery+parts/10)
}

// writeCheckpoint writes a snapshot, and removes the files before the previous checkpoint: a reader
// that has just listed the log must still find them.
func writeCheckpoint(dir *store.Dir, s *Snapshot) error {
	data, file := encode(s), checkpointPath(s.Version)
	if err := errors.Join(dir.Put(file, data), dir.Put(copyPath(file), data)); err != nil {
		return err
	}
	commits, checkpoints, err := logFiles(dir)
	if err != nil || len(checkpoints) < 2 {
		return err
	}
	before := checkpoints[len(checkpoints)-2]
	remove := func(v int64, file string) error {
		if v >= before {
			return nil
		}
		return errors.Join(dir.Remove(file), dir.Remove(copyPath(file)))
	}
	for _, v := range commits {
		if err := remove(v, commitPath(v)); err != nil {
			return err
		}
	}
	for _, v := range checkpoints {
		if err := remove(v, checkpointPath(v)); err != nil {
			return err
		}
	}
	return nil
}
