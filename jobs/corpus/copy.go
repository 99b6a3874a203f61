package corpus

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/pubmine/pubmine/jobs/store"
)

// copyPath is the path of the copy of a file of the log.
func copyPath(logFile string) string { return path.Join(copyDir, path.Base(logFile)) }

// logged is a file of the log.
type logged interface{ version() int64 }

func (c commit) version() int64   { return c.Version }
func (s Snapshot) version() int64 { return s.Version }

// readFile reads a file of the log of a version.
func readFile[T logged](dir *store.Dir, path string, version int64) (found T, err error) {
	data, err := dir.Get(path)
	if err != nil {
		return found, err
	}
	return decodeFile[T](data, version)
}

func decodeFile[T logged](data []byte, version int64) (found T, err error) {
	if err := decode(data, &found); err != nil {
		return found, err
	}
	if v := found.version(); v != version {
		return found, fmt.Errorf("it is that of version %d", v)
	}
	return found, nil
}

// readEither reads a file of the log, or its copy if the file is lost or damaged. Without a copy
// the error is that of the file; if both are bad it is neither fs.ErrNotExist nor errTorn.
func readEither[T logged](dir *store.Dir, path string, version int64) (T, error) {
	found, err := readFile[T](dir, path, version)
	if err == nil || errors.Is(err, ErrFormat) {
		return found, err
	}
	copied, of := readFile[T](dir, copyPath(path), version)
	switch {
	case of == nil:
		return copied, nil
	case errors.Is(of, fs.ErrNotExist):
		return found, err
	case errors.Is(err, store.ErrIO), errors.Is(of, store.ErrIO), errors.Is(of, ErrFormat):
		return found, errors.Join(err, of)
	}
	return found, fmt.Errorf("%s; its copy: %s", reason(err), reason(of))
}

// reason describes why a file of the log cannot be used.
func reason(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "is missing"
	}
	return err.Error()
}

// logFault is a file of the log, or a copy of one, that is lost or damaged.
type logFault struct {
	path  string
	err   error
	other []byte // the content of the other, nil if that is bad, too
}

// logFaults compares the files of the log with their copies.
func logFaults(dir *store.Dir) (faults []logFault, err error) {
	commits, checkpoints, err := logFiles(dir)
	if err != nil {
		return nil, err
	}
	for _, v := range checkpoints {
		faults = append(faults, compareCopy[Snapshot](dir, checkpointPath(v), v)...)
	}
	for _, v := range commits {
		faults = append(faults, compareCopy[commit](dir, commitPath(v), v)...)
	}
	return faults, nil
}

// compareCopy returns the faults of a file of the log and of its copy.
func compareCopy[T logged](dir *store.Dir, file string, version int64) []logFault {
	data, err := dir.Get(file)
	copied, of := dir.Get(copyPath(file))
	same := err == nil && of == nil && bytes.Equal(data, copied)
	if err == nil {
		_, err = decodeFile[T](data, version)
	}
	if same {
		of = err
	} else if of == nil {
		_, of = decodeFile[T](copied, version)
	}
	switch {
	case err == nil && of == nil:
		return nil
	case err == nil:
		return []logFault{{copyPath(file), of, data}}
	case of == nil:
		return []logFault{{file, err, copied}}
	}
	return []logFault{{file, err, nil}, {copyPath(file), of, nil}}
}

// healLog restores each file of the log that is bad from its copy, and each copy from its file. Bad
// files on which the newest snapshot does not depend are removed. Afterwards both are the same. A
// copy that is missing is no news: a crash may have come before it was written.
func healLog(dir *store.Dir, h *history, log func(line string)) error {
	faults, err := logFaults(dir)
	if err != nil {
		return err
	}
	for _, f := range faults {
		missing := errors.Is(f.err, fs.ErrNotExist)
		switch {
		case errors.Is(f.err, ErrFormat), errors.Is(f.err, store.ErrIO) && f.other == nil:
			return fmt.Errorf("%s: %w", f.path, f.err)
		case f.other != nil:
			if !missing || path.Dir(f.path) != copyDir {
				log(fmt.Sprintf("%s: %s: restored from its copy", f.path, reason(f.err)))
			}
			err = dir.Put(f.path, f.other)
		case missing:
		case slices.Contains(h.torn, f.path):
			log(fmt.Sprintf("%s is the beginning of a commit that a crash cut off: removed", f.path))
			err = dir.Remove(f.path)
		default:
			log(fmt.Sprintf("%s is damaged and was removed: nothing depends on it", f.path))
			err = dir.Remove(f.path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
