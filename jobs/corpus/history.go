package corpus

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"

	"github.com/pubmine/pubmine/schemas"
)

// releaseUnit matches the name of a file of one of PubMed's yearly releases, with or without the
// name of its directory.
var releaseUnit = regexp.MustCompile(`^(?:.*\.)?(pubmed\d\d)n(\d{4})$`)

// releaseOf returns the release that a unit belongs to, and its number there, or local and 0.
func releaseOf(unit string) (release string, number int64) {
	m := releaseUnit.FindStringSubmatch(unit)
	if m == nil {
		return local, 0
	}
	number, _ = strconv.ParseInt(m[2], 10, 64) // four digits
	return m[1], number
}

// sequenceStep is the distance between the sequences of two units that are committed one after the
// other. It exceeds the numbers of a release, so that a late unit fits in between.
const sequenceStep = 10_000

// setSequences sets the positions in the history of units that are about to be committed to an
// edition, in this order: see the package doc.
func (s *Snapshot) setSequences(e *Edition, units []Record) {
	var last int64 // of those before
	for i := range units {
		units[i].Sequence = s.sequence(e, &units[i], &last)
	}
}

func (s *Snapshot) sequence(e *Edition, r *Record, last *int64) int64 {
	release, number := releaseOf(r.Unit)
	for _, in := range []*Edition{e, s.Seen()} {
		_, old := in.find(r.Unit)
		if old != nil && (number > 0 || sameContent(old.Digest, r.Digest)) {
			return old.Sequence
		}
	}
	var follower int64
	for _, in := range []*Edition{e, s.Seen()} {
		if *last > 0 && number == 0 {
			break // known since the unit before
		}
		for i := range in.Parts {
			for j := range in.Parts[i].Units {
				x := &in.Parts[i].Units[j]
				*last = max(*last, x.Sequence)
				if of, n := releaseOf(x.Unit); number > 0 && of == release && n > number &&
					(follower == 0 || x.Sequence < follower) {
					follower = x.Sequence
				}
			}
		}
	}
	if follower > 0 {
		return follower/sequenceStep*sequenceStep + number
	}
	*last = (*last/sequenceStep + 1) * sequenceStep
	return *last + number
}

// History returns the units in the order of the history.
func (e *Edition) History() []Record {
	units := e.Units()
	slices.SortFunc(units, inHistory)
	return units
}

func inHistory(a, b Record) int {
	return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.Unit, b.Unit))
}

// documentKey names a document within a unit.
type documentKey struct {
	pmid    int32
	version int16
}

// version is a version of a document: the record that states it, and whether it is a deletion.
type version struct {
	documentKey
	record  int // index in the chunk, or in the unit
	deleted bool
}

// versionsOf returns the versions in the records of a chunk. Rejected records have none.
func versionsOf(records []schemas.Rows) []version {
	var all []version
	for i := range records {
		if d := records[i].Documents; len(d) > 0 { // at most one
			all = append(all, version{documentKey{d[0].PMID, d[0].Version}, i, d[0].IsDeleted})
		}
	}
	return all
}

// latestVersions holds the latest version of each document of a unit.
type latestVersions struct {
	last map[documentKey]version
	next int // index of the next record in the unit
}

// add adds a chunk with n records.
func (r *latestVersions) add(said []version, records int) {
	for _, w := range said {
		w.record += r.next
		r.last[w.documentKey] = w
	}
	r.next += records
}

// supersede replaces the rows of each record that a later record of the unit revises or deletes by
// one row of table superseded.
func (r *latestVersions) supersede(records []schemas.Rows) {
	for _, said := range versionsOf(records) {
		last := r.last[said.documentKey]
		if last.record == r.next+said.record {
			continue
		}
		records[said.record] = superseded(records[said.record].Documents[0].Key, last.deleted)
	}
	r.next += len(records)
}

// superseded returns the rows of a record that a later one of its unit revises or deletes.
func superseded(key schemas.Key, deleted bool) schemas.Rows {
	row := schemas.SupersededRow{Key: key, ByUnit: key.Unit, Reason: schemas.ReasonRevised}
	if deleted {
		row.Reason = schemas.ReasonDeleted
	}
	return schemas.Rows{Superseded: []schemas.SupersededRow{row}}
}

// latestVersions collects the latest versions of a unit. Chunks of an earlier run are read for it.
func (p *unitWriter) latestVersions(chunks int) (*latestVersions, error) {
	r := &latestVersions{last: map[documentKey]version{}}
	for chunk := range chunks {
		said, err := p.chunkVersions(chunk)
		if err != nil {
			return nil, err
		}
		r.add(said.versions, said.records)
	}
	r.next = 0
	return r, nil
}

// chunkVersions returns the versions in a chunk.
func (p *unitWriter) chunkVersions(chunk int) (chunkVersions, error) {
	p.mu.Lock()
	said, ok := p.versions[chunk]
	p.mu.Unlock()
	if ok {
		return said, nil
	}
	records, err := p.read(chunk)
	return chunkVersions{versionsOf(records), len(records)}, err
}

// chunkVersions are the versions in a chunk, kept until its unit is published.
type chunkVersions struct {
	versions []version
	records  int
}
