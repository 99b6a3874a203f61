package delta

import (
	"bytes"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// hintName is the file that tells readers the number of the newest checkpoint.
const hintName = "_last_checkpoint"

// lastCheckpoint is the content of that file.
type lastCheckpoint struct {
	Version int64 `json:"version"`
	Actions int   `json:"size"`
	Bytes   int   `json:"sizeInBytes"`
	Adds    int   `json:"numOfAddFiles"`
}

// encode returns the file. The checksum is the MD5 of the other fields, in the canonical form of
// the specification.
func (c lastCheckpoint) encode() []byte {
	sum := md5.Sum(fmt.Appendf(
		nil, `"numOfAddFiles"=%d,"size"=%d,"sizeInBytes"=%d,"version"=%d`, c.Adds, c.Actions, c.Bytes, c.Version,
	))
	return fmt.Appendf(
		nil, `{"version":%d,"size":%d,"sizeInBytes":%d,"numOfAddFiles":%d,"checksum":"%x"}`+"\n", c.Version, c.Actions,
		c.Bytes, c.Adds, sum,
	)
}

// Checkpoint writes the whole of a version, of which the commits are present, so that readers need
// not read the commits up to it. It keeps the names of files that were removed at or after keep:
// programs that delete the others from the disk need them. The same log gives the same bytes.
func (l *Log) Checkpoint(version int64, keep time.Time) error {
	s, err := l.read(version)
	if err != nil {
		return err
	}
	maps.DeleteFunc(s.removes, func(_ string, r *remove) bool { return r.DeletionTimestamp < keep.UnixMilli() })
	return l.writeCheckpoint(s)
}

// writeCheckpoint writes a checkpoint and, unless there is a newer one, _last_checkpoint.
func (l *Log) writeCheckpoint(s *snapshot) error {
	actions := s.actions()
	data, err := encodeCheckpoint(actions)
	if err != nil {
		return fmt.Errorf("%s: %w", l.checkpointKey(s.version), err)
	}
	if err := l.dir.Put(l.checkpointKey(s.version), data); err != nil {
		return err
	}
	if hint, err := l.hint(); err == nil && hint.Version > s.version {
		return nil
	}
	hint := lastCheckpoint{Version: s.version, Actions: len(actions), Bytes: len(data), Adds: len(s.adds)}
	return l.dir.Put(l.key(hintName), hint.encode())
}

// hint reads _last_checkpoint.
func (l *Log) hint() (hint lastCheckpoint, err error) {
	data, err := l.dir.Get(l.key(hintName))
	if err != nil {
		return hint, err
	}
	if err := json.Unmarshal(data, &hint); err != nil || !bytes.Equal(data, hint.encode()) {
		return hint, fmt.Errorf("%s: %w: it is not as pubmine writes it", l.dir.Path(l.key(hintName)), ErrDamaged)
	}
	return hint, nil
}

// encodeCheckpoint returns a Parquet file with a row for each action. It marks added files as no
// change of data, as the specification demands.
func encodeCheckpoint(actions []action) ([]byte, error) {
	rows := make([]action, len(actions))
	for i, a := range actions {
		if a.Add != nil {
			add := *a.Add
			add.DataChange = false
			a.Add = &add
		}
		rows[i] = a
	}
	var data bytes.Buffer
	w := parquet.NewGenericWriter[action](
		&data, parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}), parquet.CreatedBy(engine, "1", "parquet-go"),
		parquet.KeyValueMetadata(digestKey, unsealed),
	)
	if _, err := w.Write(rows); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return seal(data.Bytes()), nil
}

// readCheckpoint reads the checkpoint of a version.
func (l *Log) readCheckpoint(version int64) (*snapshot, error) {
	data, err := l.dir.Get(l.checkpointKey(version))
	if err != nil {
		return nil, err
	}
	actions, err := decodeCheckpoint(data)
	s := newSnapshot(version)
	if err == nil {
		s.apply(actions)
		err = s.check()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.dir.Path(l.checkpointKey(version)), err)
	}
	return s, nil
}

// decodeCheckpoint returns the actions of a checkpoint, or ErrDamaged. It decodes none of another
// program: parquet-go trusts the lengths in a file.
func decodeCheckpoint(data []byte) (actions []action, err error) {
	if err := checkDigest(data); err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	r := parquet.NewGenericReader[action](file)
	defer r.Close()
	batch := make([]action, 256)
	for {
		clear(batch)
		n, err := r.Read(batch)
		actions = append(actions, batch[:n]...)
		if err == io.EOF {
			return actions, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
