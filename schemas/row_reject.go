package schemas

import (
	"math"
	"strings"
)

// RejectRow is a row of table rejects: a record that did not become a document, or an annotation
// that did not become a row.
type RejectRow struct {
	Key
	Record  *int32 `parquet:"record,optional"` // position of the record in its unit, from 0; null for an annotation
	Stage   string `parquet:"stage,dict"`      // "decode", "rows", "sentences", or a task
	Kind    string `parquet:"kind,dict"`       // short and stable, for counting: "malformed-xml"
	Message string `parquet:"message"`         // one line for people
}

// RejectRows returns the row of a record that did not become a document.
func RejectRows(r *Reject, p Provenance) Rows {
	key := Key{Unit: p.Unit}
	if r.PMID <= math.MaxInt32 {
		key.PMID = int32(r.PMID)
	}
	if r.Version > 0 && r.Version <= math.MaxInt16 {
		key.Version = int16(r.Version)
	}
	row := newRejectRow(key, r)
	if r.Record >= 0 && r.Record <= math.MaxInt32 {
		row.Record = new(int32(r.Record))
	}
	return Rows{Rejects: []RejectRow{row}}
}

// newRejectRow leaves Record null. A message may quote invalid bytes and line breaks; in the row
// they are replaced.
func newRejectRow(key Key, r *Reject) RejectRow {
	message := strings.Join(strings.Fields(strings.ToValidUTF8(r.Message, "\uFFFD")), " ")
	return RejectRow{Key: key, Stage: r.Stage, Kind: r.Kind, Message: message}
}
