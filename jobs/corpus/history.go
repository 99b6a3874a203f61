package corpus

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"

	"github.com/pubmine/pubmine/schemas"
)

// releaseUnit matches the name of a file of one of PubMed's yearly releases, also in a folder.
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

// turn is the distance between the sequences of two units that are committed one after the other:
// wider than the numbers of a release, so that a late one finds its place.
const sequenceStep = 10_000

// sequence is the place in the history of a unit that is about to be committed: see the package
// doc.
func (s *Snapshot) sequence(unit, digest string) int64 {
	release, number := releaseOf(unit)
	if old, ok := s.Unit(unit); ok && old.Sequence > 0 && (number > 0 || sameContent(old.Digest, digest)) {
		return old.Sequence
	}
	var last, follower int64
	for i := range s.Units {
		r := &s.Units[i]
		last = max(last, r.Sequence)
		if in, n := releaseOf(r.Unit); number > 0 && in == release && n > number &&
			(follower == 0 || r.Sequence < follower) {
			follower = r.Sequence
		}
	}
	if follower > 0 {
		return follower/sequenceStep*sequenceStep + number
	}
	return (last/sequenceStep+1)*sequenceStep + number
}

// History returns the live units that readers see in the order of the history: the rows of each
// revise those of the ones before it.
func (s *Snapshot) History() []Record {
	units := slices.DeleteFunc(slices.Clone(s.Units), func(r Record) bool {
		return s.Release != "" && r.Release != s.Release && r.Release != local
	})
	slices.SortFunc(
		units,
		func(a, b Record) int { return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.Unit, b.Unit)) },
	)
	return units
}

// documentKey names a document within a unit.
type documentKey struct {
	pmid    int32
	version int16
}

// word is what a record says of a document.
type version struct {
	documentKey
	record  int // of the chunk, or of the unit
	deleted bool
}

// words returns what the records of a chunk say. One that was rejected says nothing.
func versionsOf(records []schemas.Rows) []version {
	var all []version
	for i := range records {
		if d := records[i].Documents; len(d) > 0 { // never more than one
			all = append(all, version{documentKey{d[0].PMID, d[0].Version}, i, d[0].IsDeleted})
		}
	}
	return all
}

// revisions holds the last word on each document of a unit.
type revisions struct {
	last map[documentKey]version
	next int // number of the next record
}

// add takes up a chunk.
func (r *revisions) add(said []version, records int) {
	for _, w := range said {
		w.record += r.next
		r.last[w.documentKey] = w
	}
	r.next += records
}

// settle replaces the rows of each record of a chunk that a later record of the unit revises or
// deletes with one row that says so.
func (r *revisions) settle(records []schemas.Rows) {
	for _, said := range versionsOf(records) {
		last := r.last[said.documentKey]
		if last.record == r.next+said.record {
			continue
		}
		records[said.record] = superseded(records[said.record].Documents[0].Key, last.deleted)
	}
	r.next += len(records)
}

// superseded returns what stands in place of a record that a later one of its unit revises or
// deletes.
func superseded(key schemas.Key, deleted bool) schemas.Rows {
	row := schemas.SupersededRow{Key: key, ByUnit: key.Unit, Reason: schemas.ReasonRevised}
	if deleted {
		row.Reason = schemas.ReasonDeleted
	}
	return schemas.Rows{Superseded: []schemas.SupersededRow{row}}
}

// revisions collects the last words of a unit. Chunks of an earlier run are read for it.
func (p *unitWriter) revisions(chunks int) (*revisions, error) {
	r := &revisions{last: map[documentKey]version{}}
	for chunk := range chunks {
		p.mu.Lock()
		said, ok := p.versions[chunk]
		p.mu.Unlock()
		if !ok {
			records, err := p.read(chunk)
			if err != nil {
				return nil, err
			}
			said = chunkVersions{versionsOf(records), len(records)}
		}
		r.add(said.versions, said.records)
	}
	r.next = 0
	return r, nil
}

// chunkWords is what is remembered of a chunk until its unit is published.
type chunkVersions struct {
	versions []version
	records  int
}
