package diff

import (
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
)

// partPair are two parts that share units.
type partPair struct {
	before, after *corpus.Part
	units         map[string]bool
	first, last   schemas.PMID // range of the units
}

// pairParts pairs the parts that share units, and counts units.
func (c *comparison) pairParts(before, after *corpus.Edition) []*partPair {
	var pairs []*partPair
	c.parts = partsByUnit(before)
	others := partsByUnit(after)
	known := map[[2]*corpus.Part]*partPair{}
	r := &c.result
	for i := range before.Parts {
		p := &before.Parts[i]
		for j := range p.Units {
			u := &p.Units[j]
			other := others[u.Unit]
			if other == nil {
				r.Units.OnlyBefore++
				r.Documents.OnlyBefore += u.Counts.Rows["documents"]
				continue
			}
			r.Units.Both++
			c.all += u.Counts.Rows["documents"]
			v := recordOf(other, u.Unit)
			if u.Partial() {
				r.Units.PartialBefore++
			}
			if v.Partial() {
				r.Units.PartialAfter++
			}
			pair := known[[2]*corpus.Part{p, other}]
			if pair == nil {
				pair = &partPair{before: p, after: other, units: map[string]bool{}}
				known[[2]*corpus.Part{p, other}] = pair
				pairs = append(pairs, pair)
			}
			pair.add(u)
			pair.add(v)
		}
	}
	for i := range after.Parts {
		for j := range after.Parts[i].Units {
			if u := &after.Parts[i].Units[j]; c.parts[u.Unit] == nil {
				r.Units.OnlyAfter++
				r.Documents.OnlyAfter += u.Counts.Rows["documents"]
			}
		}
	}
	return pairs
}

func (p *partPair) add(u *corpus.Record) {
	p.units[u.Unit] = true
	if u.LastPMID == 0 {
		return
	}
	if p.last == 0 {
		p.first = u.FirstPMID
	}
	p.first, p.last = min(p.first, u.FirstPMID), max(p.last, u.LastPMID)
}

func partsByUnit(e *corpus.Edition) map[string]*corpus.Part {
	parts := map[string]*corpus.Part{}
	for i := range e.Parts {
		for j := range e.Parts[i].Units {
			parts[e.Parts[i].Units[j].Unit] = &e.Parts[i]
		}
	}
	return parts
}

// recordOf returns the record of a unit that the part has.
func recordOf(p *corpus.Part, unit string) *corpus.Record {
	return &p.Units[slices.IndexFunc(p.Units, func(r corpus.Record) bool { return r.Unit == unit })]
}

// sameFiles reports whether two editions share a part.
func sameFiles(a, b *corpus.Part) bool { return slices.Equal(a.Files, b.Files) }

// pmids returns the pmids of the documents in the range of the units, each once, in the order of
// the files: batches of them are near each other.
func (p *partPair) pmids(parts ...*openPart) (pmids []int32, err error) {
	seen := roaring.New()
	for _, part := range parts {
		all, err := part.pmids()
		if err != nil {
			return nil, err
		}
		for _, pmid := range all {
			if n := schemas.PMID(pmid); p.first <= n && n <= p.last && seen.CheckedAdd(uint32(pmid)) {
				pmids = append(pmids, pmid)
			}
		}
	}
	return pmids, nil
}
