package corpus

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/pubmine/pubmine/schemas"
)

// format is the version of the corpus directory: of its layout, records and snapshots.
const format = 1

// Record describes a published unit. It is stored in the commit record of the unit, and in each
// snapshot that has the unit.
type Record struct {
	Format      int    `json:"format"`
	Unit        string `json:"unit"`
	Release     string `json:"release"`
	Sequence    int64  `json:"sequence"`    // position in the history: see
	Key         string `json:"key"`         // sha256 of fingerprint and digest
	Fingerprint string `json:"fingerprint"` // Configuration.Fingerprint
	Digest      string `json:"digest"`      // of the input
	Stamp       string `json:"stamp"`       // of the input when it was read; a hint only
	// Generation is one more than that of the record that this one replaces: the highest is live.
	Generation    int            `json:"generation"`
	Model         string         `json:"model,omitempty"`
	Chunks        int            `json:"chunks"`
	FirstPMID     schemas.PMID   `json:"first_pmid"` // lowest and highest in documents; 0 if there are none
	LastPMID      schemas.PMID   `json:"last_pmid"`
	Counts        schemas.Counts `json:"counts"`
	Files         []File         `json:"files"`                   // one for each table
	Configuration *Configuration `json:"configuration,omitempty"` // in commit records only
}

// File is one published file.
type File struct {
	Table  string `json:"table"`
	Path   string `json:"path"` // relative to the corpus, with slashes
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// add counts the rows of a chunk.
func (r *Record) add(records []schemas.Rows) {
	r.Counts.Add(records)
	for i := range records {
		for j := range records[i].Documents {
			pmid := schemas.PMID(records[i].Documents[j].PMID)
			if r.FirstPMID == 0 || pmid < r.FirstPMID {
				r.FirstPMID = pmid
			}
			r.LastPMID = max(r.LastPMID, pmid)
		}
	}
}

func (r *Record) encode() []byte {
	data, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Sprintf("a record is strings and numbers: %v", err))
	}
	return append(data, '\n')
}

// decodeRecord decodes a commit record. It is an error if the record is torn, or does not belong to
// its path.
func decodeRecord(path string, data []byte) (Record, error) {
	var r Record
	if err := decodeStrict(data, &r); err != nil {
		return Record{}, err
	}
	if r.Format != format {
		return Record{}, fmt.Errorf("%w (record format %d)", ErrFormat, r.Format)
	}
	if len(r.Key) != 64 || recordPath(r.Unit, r.Key) != path {
		return Record{}, fmt.Errorf("is the record of unit %q", r.Unit)
	}
	return r, nil
}

// decodeStrict decodes one JSON value and refuses unknown fields and anything after it.
func decodeStrict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return fmt.Errorf("data after the end")
	}
	return nil
}
