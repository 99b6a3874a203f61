package corpus

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pubmine/pubmine/schemas"
)

// Part is a set of files, one for each table that has rows, with the rows of one or more units. It
// is published and replaced as a whole.
type Part struct {
	Name  string    `json:"name"`  // of its unit, or of a pack; unique in an edition
	Key   string    `json:"key"`   // sha256 of the fingerprint and the digests of the inputs
	Time  time.Time `json:"time"`  // when it was published
	Units []Record  `json:"units"` // by name
	Files []File    `json:"files"`
}

// Record describes a unit in a part.
type Record struct {
	Unit     string `json:"unit"`
	Release  string `json:"release"`
	Sequence int64  `json:"sequence"` // position in the history: see the package doc
	Digest   string `json:"digest"`   // of the input
	Stamp    string `json:"stamp"`    // of the input when it was read; a hint only
	Path     string `json:"path"`     // of the input when it was read; a hint only
	Chunks   int    `json:"chunks"`

	FirstPMID schemas.PMID   `json:"first_pmid"` // lowest and highest in documents; 0 if there are none
	LastPMID  schemas.PMID   `json:"last_pmid"`
	Counts    schemas.Counts `json:"counts"`
}

// File is one published file.
type File struct {
	Table  string `json:"table"`
	Path   string `json:"path"` // relative to the corpus, with slashes
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Partial reports whether the unit has only the first records of its input.
func (r *Record) Partial() bool { return isPartial(r.Digest) }

// Completes reports whether the unit has more of an input than another, which has only its first
// records.
func (r *Record) Completes(other *Record) bool {
	return other.Partial() && sameContent(r.Digest, other.Digest) && r.Digest != other.Digest
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

// newPart names the part of a unit, whose rows are in the order of the input.
func newPart(fingerprint string, r Record) Part {
	return Part{Name: r.Unit, Key: unitKey(fingerprint, r.Digest), Units: []Record{r}}
}

// newPack names the part of some units, by name, whose rows are sorted by pmid.
func newPack(fingerprint string, units []Record) Part {
	return Part{
		Name:  fmt.Sprintf("%s%s%d", units[0].Unit, packMark, len(units)),
		Key:   unitKey(fingerprint, inputOf(units)),
		Units: units,
	}
}

// packMark is in the names of packs: the name of the first unit and the number of units stand
// around it. No unit has it in its name.
const packMark = "~"

// packed reports whether the part is a pack.
func (p *Part) packed() bool { return strings.Contains(p.Name, packMark) }

// inputOf is the digest of the inputs of a pack.
func inputOf(units []Record) string {
	var b strings.Builder
	for i := range units {
		fmt.Fprintf(&b, "%s %s\n", units[i].Unit, units[i].Digest)
	}
	return digest([]byte(b.String()))
}

// input is the digest of the part's input or inputs.
func (p *Part) input() string {
	if p.packed() {
		return inputOf(p.Units)
	}
	return p.Units[0].Digest
}

// without returns the records of the units that another part does not have.
func (p *Part) without(other *Part) []Record {
	return slices.DeleteFunc(slices.Clone(p.Units), func(r Record) bool { return other.unit(r.Unit) != nil })
}

// stem is the name of the part's files, without the extension.
func (p *Part) stem() string { return folder(p.Name, p.Key) }

// File returns the part's file of a table, or nil if the table has no rows.
func (p *Part) File(table string) *File {
	i := slices.IndexFunc(p.Files, func(f File) bool { return f.Table == table })
	if i < 0 {
		return nil
	}
	return &p.Files[i]
}

// PMIDs returns the lowest and the highest pmid in documents; 0 if there are none.
func (p *Part) PMIDs() (first, last schemas.PMID) {
	for i := range p.Units {
		r := &p.Units[i]
		if r.FirstPMID > 0 && (first == 0 || r.FirstPMID < first) {
			first = r.FirstPMID
		}
		last = max(last, r.LastPMID)
	}
	return first, last
}

// Bytes is the size of the part's files.
func (p *Part) Bytes() int64 { return sizeOf(p.Files) }

func sizeOf(files []File) (n int64) {
	for _, f := range files {
		n += f.Bytes
	}
	return n
}

// unit returns the record of a unit in the part, or nil.
func (p *Part) unit(name string) *Record {
	i, ok := slices.BinarySearchFunc(
		p.Units,
		name,
		func(r Record, name string) int { return cmp.Compare(r.Unit, name) },
	)
	if !ok {
		return nil
	}
	return &p.Units[i]
}

// isPartial reports whether a digest is that of the first records of an input: ':' and how many
// follow the digest of the whole.
func isPartial(digest string) bool { return strings.Contains(digest, ":") }

// sameContent compares the digests of two inputs, of which only a part may have been taken.
func sameContent(a, b string) bool { return whole(a) == whole(b) }

// whole returns the digest or the stamp of an input of which only a part may have been taken.
func whole(digest string) string {
	digest, _, _ = strings.Cut(digest, ":")
	return digest
}
