package delta

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/schemas"
)

var (
	// ErrConflict reports that another program has committed the version.
	ErrConflict = errors.New("another program has written to this table: remove its commits and run again")
	// ErrDamaged reports a commit or a checkpoint that is not as it was written.
	ErrDamaged = errors.New("damaged")
	// ErrForeign reports a file in the directory of a log that is none of a log.
	ErrForeign = errors.New("not a file of the log: move it away")
)

// File is a data file of a table.
type File struct {
	Path      string // relative to the directory of the table, with slashes
	Rows      int64
	Bytes     int64
	Time      time.Time // when it was published
	FirstPMID int32     // the least pmid; both are 0 if they are not known
	LastPMID  int32     // the greatest pmid
}

// Commit is the step from one version of a table to the next.
type Commit struct {
	Version   int64
	Time      time.Time         // of version 0: also when the table was created
	Operation string            // "CREATE TABLE", "WRITE", …
	Info      map[string]string // of the operation, for people who read the history
	Add       []File            // new files
	Remove    []File            // files of the version before; only Path and Bytes matter
	SameRows  bool              // the rows of Add are those of Remove: programs that follow changes pass over it
}

// Log is the transaction log of a table.
type Log struct {
	dir    *store.Dir
	table  schemas.Table
	corpus string
}

// Dir returns the key of the directory of a table, in which its data files are.
func Dir(table string) string { return path.Join("delta", table) }

// New returns the log of a table, which need not exist. The identity of the table, metaData.id, is
// made of the table's name and of corpus, a text that differs between corpora.
func New(dir *store.Dir, table schemas.Table, corpus string) *Log {
	return &Log{dir: dir, table: table, corpus: corpus}
}

// Commit publishes a version, the one after the newest. It does nothing if the version was
// published with the same content. A version with other content is ErrConflict, unless it is
// damaged: then it is replaced, because a crash has torn it (on a file system without hard links)
// or this is its repair.
func (l *Log) Commit(c Commit) error {
	key := l.commitKey(c.Version)
	data, err := l.encode(c, false)
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	if c.Version > 0 {
		if _, err := l.dir.Stat(l.commitKey(c.Version - 1)); err != nil {
			return fmt.Errorf("%s: the version before is missing: %w", key, err)
		}
	}
	err = l.dir.PutIfAbsent(key, data)
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	found, err := l.dir.Get(key)
	switch {
	case err != nil:
		return err
	case bytes.Equal(found, data):
		return nil
	}
	if _, err := decode(found); err != nil {
		return l.dir.Put(key, data)
	}
	return fmt.Errorf("%s: %w", l.dir.Path(key), ErrConflict)
}

// Version returns the number of the newest commit, -1 if there is none.
func (l *Log) Version() (int64, error) {
	files, err := l.list()
	if err != nil {
		return -1, err
	}
	return files.newest(), nil
}

func (l *Log) key(name string) string { return path.Join(Dir(l.table.Name), "_delta_log", name) }

func (l *Log) commitKey(version int64) string { return l.key(fmt.Sprintf("%020d.json", version)) }

func (l *Log) checkpointKey(version int64) string {
	return l.key(fmt.Sprintf("%020d.checkpoint.parquet", version))
}

// listing has the versions of the files of a log, in order.
type listing struct {
	commits, checkpoints []int64
	others               []string // keys of files that do not belong to the log
}

// newest returns the number of the newest commit, -1 if there is none.
func (l listing) newest() int64 {
	if len(l.commits) == 0 {
		return -1
	}
	return l.commits[len(l.commits)-1]
}

var fileName = regexp.MustCompile(`^(0000\d{16})\.(json|checkpoint\.parquet)$`)

// list finds the files of the log.
func (l *Log) list() (listing, error) {
	var files listing
	keys, err := l.dir.List(l.key(""))
	for _, key := range keys {
		name := strings.TrimPrefix(key, l.key("")+"/")
		if name == hintName {
			continue
		}
		match := fileName.FindStringSubmatch(name)
		if match == nil {
			files.others = append(files.others, key)
			continue
		}
		version, err := strconv.ParseInt(match[1], 10, 64)
		if err != nil {
			return files, err
		}
		if match[2] == "json" {
			files.commits = append(files.commits, version)
		} else {
			files.checkpoints = append(files.checkpoints, version)
		}
	}
	return files, err
}
