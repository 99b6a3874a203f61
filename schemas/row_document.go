package schemas

import (
	"crypto/sha256"
	"encoding/hex"
)

// SourcePubMed is the value of documents.source for records of PubMed itself.
const SourcePubMed = "pubmed"

// DocumentRow is a row of table documents.
type DocumentRow struct {
	Key
	Title    string       `parquet:"title"`
	Abstract string       `parquet:"abstract"` // the parts of the abstract joined by one space
	Sections []SectionRow `parquet:"sections,list"`
	Citation
	IsDeleted  bool   `parquet:"is_deleted"`
	TextSHA256 string `parquet:"text_sha256,optional"` // of title + " " + abstract in UTF-8, hex; null in a tombstone
	Source     string `parquet:"source,dict"`          // the collection the record belongs to: SourcePubMed
}

// SectionRow is one element of documents.sections.
type SectionRow struct {
	Kind     string `parquet:"kind,dict"`
	Label    string `parquet:"label,optional,dict"`
	Category string `parquet:"category,optional,dict"`
	DocStart int32  `parquet:"doc_start"`
	DocEnd   int32  `parquet:"doc_end"`
}

func (b *rowBuilder) addDocument() {
	row := DocumentRow{
		Key:       b.key,
		Title:     b.doc.Title(),
		Abstract:  b.doc.Abstract(),
		Citation:  b.doc.Citation,
		IsDeleted: b.doc.Deleted,
		Source:    SourcePubMed,
	}
	for i, s := range b.doc.Sections {
		row.Sections = append(row.Sections, SectionRow{
			Kind:     s.Kind,
			Label:    s.Label,
			Category: s.Category,
			DocStart: b.points.at(b.sections[i].Start),
			DocEnd:   b.points.at(b.sections[i].End),
		})
	}
	if !b.doc.Deleted {
		sum := sha256.Sum256([]byte(b.text))
		row.TextSHA256 = hex.EncodeToString(sum[:])
	}
	b.rows.Documents = append(b.rows.Documents, row)
}
