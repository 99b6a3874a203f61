package pubmed

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// The kinds of Reject of this package, all of stage "decode".
const (
	kindMalformed         = "malformed-xml"       // not well formed, or not a record at all
	kindTooDeep           = "too-deep"            // nested beyond maxDepth
	kindTooManyAttributes = "too-many-attributes" // more than maxAttributes in a tag
	kindTooLarge          = "record-too-large"    // beyond the cap on a record's size
	kindNoPMID            = "no-pmid"             // no PMID, or one that is not a number
	kindVersion           = "bad-version"         // PMID@Version is not a number of at least 1
	stage                 = "decode"
)

// decode reads one record: a PubmedArticle, PubmedBookArticle, MedlineCitation or BookDocument
// element. Every error is a *schemas.Reject.
func (d *decoder) decode(raw []byte) (*schemas.Document, error) {
	doc := d.one(raw)
	if d.fault != nil {
		return nil, d.reject(raw)
	}
	return doc, nil
}

// deletion is a PMID of a DeleteCitation or DeleteDocument element.
type deletion struct {
	pmid    schemas.PMID
	version int16
}

// document returns the tombstone.
func (x deletion) document() *schemas.Document {
	return &schemas.Document{PMID: x.pmid, Version: int(x.version), Deleted: true}
}

// deleted reads a DeleteCitation or DeleteDocument element. Its list may be long, so it has no
// Documents, which are several hundred times as large as their PMIDs in the input.
func (d *decoder) deleted(raw []byte) ([]deletion, error) {
	d.reset(raw)
	var list []deletion
	each := fields[[]deletion]{"PMID": func(d *decoder, list *[]deletion) {
		d.texts.Reset() // d.pmid keeps no text
		var doc schemas.Document
		d.pmid(&doc)
		*list = append(*list, deletion{doc.PMID, int16(doc.Version)}) // d.pmid has checked that it fits
	}}
	walk(d, fields[[]deletion]{"DeleteCitation": group(each), "DeleteDocument": group(each)}, &list)
	if d.fault != nil {
		return nil, d.reject(raw)
	}
	return list, nil
}

// decoder reads one record.
type decoder struct {
	scanner
	buffer textBuffer
	texts  strings.Builder
}

func (d *decoder) one(raw []byte) *schemas.Document {
	d.reset(raw)
	d.texts = strings.Builder{}
	d.texts.Grow(len(raw) / 2) // the rest is mostly tags and white space
	r := &record{doc: new(schemas.Document)}
	r.cite = &r.doc.Citation
	walk(d, recordFields, r)
	if r.doc.PMID == 0 {
		d.fail(kindNoPMID, "no PMID")
		return nil
	}
	r.finish()
	return r.doc
}

func (d *decoder) reject(raw []byte) *schemas.Reject {
	pmid, version := findPMID(raw)
	return &schemas.Reject{PMID: pmid, Version: version, Stage: stage, Kind: d.fault.kind, Message: d.fault.message}
}

// pmid reads a PMID element into a document.
func (d *decoder) pmid(doc *schemas.Document) {
	version, digits := d.attrOr("Version", "1"), d.content()
	if doc.PMID != 0 {
		d.malformed("two records in one: a second PMID %s", digits)
		return
	}
	if doc.PMID = parsePMID(digits); doc.PMID == 0 {
		d.fail(kindNoPMID, "%.20q is no PMID", digits)
	}
	if doc.Version = number(version); doc.Version < 1 || doc.Version > math.MaxInt16 {
		d.fail(kindVersion, "%.20q is no version", version)
	}
}

// parsePMID returns 0 unless s is a number of at most 9 digits.
func parsePMID(s string) schemas.PMID {
	if len(s) > 9 {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return 0
	}
	return schemas.PMID(n)
}

// findPMID returns PMID and version of a record that cannot be decoded: the first PMID in it, which
// is its own. It returns 0 if there is none.
func findPMID(raw []byte) (schemas.PMID, int) {
	i := bytes.Index(raw, []byte("<PMID"))
	if i < 0 {
		return 0, 0
	}
	tag, rest, _ := bytes.Cut(raw[i:min(len(raw), i+200)], []byte(">"))
	digits, _, _ := bytes.Cut(rest, []byte("<"))
	pmid := parsePMID(string(bytes.TrimSpace(digits)))
	if pmid == 0 {
		return 0, 0
	}
	version := 1
	if _, value, ok := bytes.Cut(tag, []byte(`Version="`)); ok {
		value, _, _ = bytes.Cut(value, []byte(`"`))
		version = number(string(value))
	}
	return pmid, version
}

// tooLarge returns the reject of a record whose content was dropped, except for its head.
func tooLarge(head []byte, limit int) *schemas.Reject {
	pmid, version := findPMID(head)
	return &schemas.Reject{PMID: pmid, Version: version, Stage: stage, Kind: kindTooLarge,
		Message: fmt.Sprintf("the record is larger than %d MiB", limit>>20)}
}
