package verify

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
)

// tally counts the rows of a unit.
type tally struct {
	record  *corpus.Record
	counts  schemas.Counts
	records int64 // of the input
	first   schemas.PMID
	last    schemas.PMID
}

func newTally(record *corpus.Record) *tally {
	t := &tally{record: record}
	t.counts.Add(nil)
	return t
}

// count adds rows of a key to the tally of its unit.
func (r *rowCheck) count(key schemas.Key, rows *schemas.Rows) {
	t := r.tally[key.Unit]
	if t == nil {
		switch { // documents are reported by readKeys
		case len(rows.Rejects) > 0:
			r.reportRow("rejects", key, "the unit is not one of this part")
		case len(rows.Superseded) > 0:
			r.reportRow("superseded", key, "the unit is not one of this part")
		}
		return
	}
	t.counts.Add([]schemas.Rows{*rows})
	t.records += int64(len(rows.Documents) + len(rows.Superseded))
	for i := range rows.Rejects {
		if rows.Rejects[i].Record != nil {
			t.records++
		}
	}
	for range rows.Documents {
		pmid := schemas.PMID(key.PMID)
		if t.first == 0 || pmid < t.first {
			t.first = pmid
		}
		t.last = max(t.last, pmid)
	}
}

// compare reports the differences from the log.
func (t *tally) compare(r *rowCheck, e *corpus.Edition) {
	unit := t.record.Unit
	for _, kind := range []struct {
		name      string
		got, want map[string]int64
		table     func(key string) string
	}{
		{"rows", t.counts.Rows, t.record.Counts.Rows, func(table string) string { return table }},
		{"mentions of type ", t.counts.Mentions, t.record.Counts.Mentions, func(string) string { return "mentions" }},
		{"rejects of kind ", t.counts.Rejects, t.record.Counts.Rejects, func(string) string { return "rejects" }},
	} {
		all := maps.Clone(kind.got)
		maps.Copy(all, kind.want)
		for _, key := range slices.Sorted(maps.Keys(all)) {
			name := kind.name
			if kind.table(key) != key {
				name += key
			}
			if got, want := kind.got[key], kind.want[key]; got != want {
				r.report(kind.table(key), "unit %s has %d %s, and the log has %d", unit, got, name, want)
			}
		}
	}
	if t.first != t.record.FirstPMID || t.last != t.record.LastPMID {
		r.report("documents", "unit %s has pmids %d to %d, and the log has %d to %d", unit, t.first, t.last,
			t.record.FirstPMID, t.record.LastPMID)
	}
	t.compareRecords(r, e)
}

// compareRecords compares the number of records with that of the chunks and, if only the first
// records were taken, with the limit.
func (t *tally) compareRecords(r *rowCheck, e *corpus.Edition) {
	if e.Configuration != nil && e.Configuration.Chunk > 0 {
		chunk := int64(e.Configuration.Chunk)
		if chunks := (t.records + chunk - 1) / chunk; chunks != int64(t.record.Chunks) {
			r.report("documents", "unit %s has %d documents, superseded and rejected records, and its %d chunks of %d "+
				"had others", t.record.Unit, t.records, t.record.Chunks, chunk)
		}
	}
	_, limit, partial := strings.Cut(t.record.Digest, ":limit=")
	if n, err := strconv.ParseInt(limit, 10, 64); partial && err == nil {
		if taken := t.counts.Rows["documents"] + t.counts.Rows["superseded"]; taken > n {
			r.report("documents", "unit %s has %d documents of the first %d of its input", t.record.Unit, taken, n)
		}
	}
}
