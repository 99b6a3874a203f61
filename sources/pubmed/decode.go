package pubmed

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// The kinds of Reject that this package gives, all of stage "decode".
const (
	kindMalformed = "malformed-xml"    // not well formed, or not a record at all
	kindTooDeep   = "too-deep"         // nested beyond maxDepth
	kindTooLarge  = "record-too-large" // beyond the cap on a record's size
	kindNoPMID    = "no-pmid"          // no PMID, or one that is no number
	kindVersion   = "bad-version"      // PMID@Version is no number from 1
	stage         = "decode"
)

// Decode reads one record: a PubmedArticle, PubmedBookArticle, MedlineCitation or BookDocument
// element. It is a pure function and safe for concurrent use. Every error is a *schemas.Reject.
func Decode(raw []byte) (*schemas.Document, error) { return new(decoder).decode(raw) }

func (d *decoder) decode(raw []byte) (*schemas.Document, error) {
	doc := d.one(raw)
	if d.fault != nil {
		return nil, d.reject(raw)
	}
	return doc, nil
}

// deleted reads a DeleteCitation or DeleteDocument element: a tombstone for each PMID.
func (d *decoder) deleted(raw []byte) ([]*schemas.Document, error) {
	d.reset(raw)
	var docs []*schemas.Document
	each := fields[[]*schemas.Document]{"PMID": func(d *decoder, docs *[]*schemas.Document) {
		doc := &schemas.Document{Deleted: true}
		d.pmid(doc)
		*docs = append(*docs, doc)
	}}
	walk(d, fields[[]*schemas.Document]{"DeleteCitation": group(each), "DeleteDocument": group(each)}, &docs)
	if d.fault != nil {
		return nil, d.reject(raw)
	}
	return docs, nil
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
	d.texts.Grow(len(raw) / 2) // the rest is tags and white space, most often
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
	pmid, version := fish(raw)
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

// parsePMID returns 0 unless s is a number from 1 of at most 9 digits.
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

// fish looks for the PMID of a record that cannot be decoded: the first that is printed, which is
// the record's own.
func fish(raw []byte) (schemas.PMID, int) {
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

// tooLarge is the reject of a record that was not kept; head is its beginning.
func tooLarge(head []byte, limit int) *schemas.Reject {
	pmid, version := fish(head)
	return &schemas.Reject{PMID: pmid, Version: version, Stage: stage, Kind: kindTooLarge,
		Message: fmt.Sprintf("the record is larger than %d MiB", limit>>20)}
}
