package delta

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"regexp"
	"slices"

	"github.com/google/uuid"
	"github.com/parquet-go/parquet-go"
)

// encode returns the commit file. Version 0 and a commit that has the whole of a version also have
// protocol and metaData.
func (l *Log) encode(c Commit, whole bool) ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	info := maps.Clone(c.Info)
	if info == nil {
		info = map[string]string{}
	}
	actions := []action{{CommitInfo: &commitInfo{
		Digest: unsealed, Timestamp: c.Time.UnixMilli(), Operation: c.Operation, Parameters: info, Engine: engine,
	}}}
	if c.Version == 0 || whole {
		schema, err := schemaString(parquet.SchemaOf(reflect.New(l.table.Row).Interface()))
		if err != nil {
			return nil, err
		}
		actions = append(actions, action{Protocol: newProtocol()}, action{MetaData: &metaData{
			ID:   uuid.NewSHA1(uuid.NameSpaceURL, []byte("pubmine:"+l.corpus+"/"+l.table.Name)).String(),
			Name: l.table.Name, Format: format{Provider: "parquet", Options: map[string]string{}},
			SchemaString: schema, PartitionColumns: []string{},
			Configuration: map[string]string{"delta.enableExpiredLogCleanup": "false"}, CreatedTime: c.Time.UnixMilli(),
		}})
	}
	for _, f := range c.Remove {
		actions = append(actions, action{Remove: &remove{
			Path: f.Path, DeletionTimestamp: c.Time.UnixMilli(), DataChange: !c.SameRows, Extended: true,
			PartitionValues: map[string]string{}, Size: f.Bytes,
		}})
	}
	for _, f := range c.Add {
		add, err := newAdd(f)
		if err != nil {
			return nil, err
		}
		add.DataChange = !c.SameRows
		actions = append(actions, action{Add: add})
	}
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false)
	for _, a := range actions {
		if err := encoder.Encode(a); err != nil {
			return nil, err
		}
	}
	return seal(data.Bytes()), nil
}

func newProtocol() *protocol {
	return &protocol{MinReaderVersion: 1, MinWriterVersion: 7, WriterFeatures: []string{"invariants", "pubmine"}}
}

// plainPath matches the paths that need no escapes: they are URIs in the log.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9._~/-]+$`)

// check refuses a commit that readers would refuse or misread.
func (c *Commit) check() error {
	if c.Version < 0 {
		return fmt.Errorf("version %d is below 0", c.Version)
	}
	seen := map[string]bool{}
	for _, f := range slices.Concat(c.Remove, c.Add) {
		if !fs.ValidPath(f.Path) || !plainPath.MatchString(f.Path) {
			return fmt.Errorf("file %q: not a plain relative path", f.Path)
		}
		if seen[f.Path] {
			return fmt.Errorf("file %s: twice in one commit", f.Path)
		}
		seen[f.Path] = true
	}
	return nil
}

// decode returns the actions of a commit file, which may be of another program, or ErrDamaged.
func decode(data []byte) ([]action, error) {
	if !isForeign(data) {
		if err := checkDigest(data); err != nil {
			return nil, err
		}
	}
	var actions []action
	for line := range bytes.Lines(data) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var a action
		if err := json.Unmarshal(line, &a); err != nil {
			return nil, fmt.Errorf("%w: action %d: %w", ErrDamaged, len(actions), err)
		}
		actions = append(actions, a)
	}
	if len(actions) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrDamaged)
	}
	return actions, nil
}
