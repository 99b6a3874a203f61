package delta

import (
	"encoding/json"
	"fmt"
	"time"
)

// engine is the name of this program in commits and checkpoints.
const engine = "pubmine"

// action is a line of a commit, or a row of a checkpoint: one of its fields is set. Actions of
// other kinds have none.
type action struct {
	CommitInfo *commitInfo `json:"commitInfo,omitempty" parquet:"-"`
	Protocol   *protocol   `json:"protocol,omitempty" parquet:"protocol,optional"`
	MetaData   *metaData   `json:"metaData,omitempty" parquet:"metaData,optional"`
	Remove     *remove     `json:"remove,omitempty" parquet:"remove,optional"`
	Add        *add        `json:"add,omitempty" parquet:"add,optional"`
}

type commitInfo struct {
	Digest     string `json:"digest"`
	Timestamp  int64  `json:"timestamp"`
	Operation  string `json:"operation"`
	Parameters any    `json:"operationParameters"` // a map of texts, or what others write
	Engine     string `json:"engineInfo"`
}

type protocol struct {
	MinReaderVersion int32    `json:"minReaderVersion" parquet:"minReaderVersion"`
	MinWriterVersion int32    `json:"minWriterVersion" parquet:"minWriterVersion"`
	WriterFeatures   []string `json:"writerFeatures" parquet:"writerFeatures,list"`
}

type metaData struct {
	ID               string            `json:"id" parquet:"id"`
	Name             string            `json:"name" parquet:"name"`
	Format           format            `json:"format" parquet:"format"`
	SchemaString     string            `json:"schemaString" parquet:"schemaString"`
	PartitionColumns []string          `json:"partitionColumns" parquet:"partitionColumns,list"`
	Configuration    map[string]string `json:"configuration" parquet:"configuration"`
	CreatedTime      int64             `json:"createdTime" parquet:"createdTime"`
}

type format struct {
	Provider string            `json:"provider" parquet:"provider"`
	Options  map[string]string `json:"options" parquet:"options"`
}

type remove struct {
	Path              string            `json:"path" parquet:"path"`
	DeletionTimestamp int64             `json:"deletionTimestamp" parquet:"deletionTimestamp"`
	DataChange        bool              `json:"dataChange" parquet:"dataChange"`
	Extended          bool              `json:"extendedFileMetadata" parquet:"extendedFileMetadata"`
	PartitionValues   map[string]string `json:"partitionValues" parquet:"partitionValues"`
	Size              int64             `json:"size" parquet:"size"`
}

type add struct {
	Path             string            `json:"path" parquet:"path"`
	PartitionValues  map[string]string `json:"partitionValues" parquet:"partitionValues"`
	Size             int64             `json:"size" parquet:"size"`
	ModificationTime int64             `json:"modificationTime" parquet:"modificationTime"`
	DataChange       bool              `json:"dataChange" parquet:"dataChange"`
	Stats            string            `json:"stats" parquet:"stats"`
}

// stats are the statistics of a data file.
type stats struct {
	NumRecords int64 `json:"numRecords"`
	MinValues  *pmid `json:"minValues,omitempty"`
	MaxValues  *pmid `json:"maxValues,omitempty"`
	NullCount  *pmid `json:"nullCount,omitempty"`
}

type pmid struct {
	PMID int32 `json:"pmid"`
}

func newAdd(f File) (*add, error) {
	s := stats{NumRecords: f.Rows}
	if f.FirstPMID != 0 || f.LastPMID != 0 {
		s.MinValues, s.MaxValues, s.NullCount = &pmid{f.FirstPMID}, &pmid{f.LastPMID}, &pmid{}
	}
	text, err := json.Marshal(s)
	return &add{
		Path: f.Path, PartitionValues: map[string]string{}, Size: f.Bytes, ModificationTime: f.Time.UnixMilli(),
		DataChange: true, Stats: string(text),
	}, err
}

// file is the inverse of newAdd. Other programs may leave out the statistics.
func (a *add) file() (File, error) {
	f := File{Path: a.Path, Bytes: a.Size, Time: time.UnixMilli(a.ModificationTime).UTC()}
	if a.Stats == "" {
		return f, nil
	}
	var s stats
	if err := json.Unmarshal([]byte(a.Stats), &s); err != nil {
		return f, fmt.Errorf("statistics of %s: %w", a.Path, err)
	}
	f.Rows = s.NumRecords
	if s.MinValues != nil && s.MaxValues != nil {
		f.FirstPMID, f.LastPMID = s.MinValues.PMID, s.MaxValues.PMID
	}
	return f, nil
}
