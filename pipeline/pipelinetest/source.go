package pipelinetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// Unit is one unit of a [Source].
type Unit struct {
	Name    string
	Stamp   string
	Records []Record
	Err     error // ends the unit after its records
}

// Record is a document or, where Reject is set, a bad record.
type Record struct {
	Document *schemas.Document
	Reject   *schemas.Reject
}

// Source is a pipeline.Source in memory.
type Source []Unit

// Units lists the units.
func (s Source) Units(ctx context.Context) ([]schemas.Unit, error) {
	var units []schemas.Unit
	for _, u := range s {
		units = append(units, schemas.Unit{Name: u.Name, Path: u.Name + ".xml", Stamp: u.Stamp})
	}
	return units, ctx.Err()
}

// Digest hashes the records.
func (s Source) Digest(_ context.Context, u schemas.Unit) (string, error) {
	data, err := json.Marshal(s.unit(u.Name).Records)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// Documents yields the records of a unit.
func (s Source) Documents(ctx context.Context, u schemas.Unit) iter.Seq2[*schemas.Document, error] {
	return func(yield func(*schemas.Document, error) bool) {
		unit := s.unit(u.Name)
		for _, r := range unit.Records {
			if ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			if r.Reject != nil {
				if !yield(nil, r.Reject) {
					return
				}
			} else if !yield(r.Document, nil) {
				return
			}
		}
		if unit.Err != nil {
			yield(nil, unit.Err)
		}
	}
}

func (s Source) unit(name string) Unit {
	for _, u := range s {
		if u.Name == name {
			return u
		}
	}
	return Unit{Err: fmt.Errorf("no unit %s", name)}
}

// NewUnit makes a unit of n records: documents of different lengths, some of them deleted or empty,
// and bad records. first is the PMID of the first.
func NewUnit(name string, first schemas.PMID, n int) Unit {
	u := Unit{Name: name, Stamp: fmt.Sprintf("%s %d %d", name, first, n)}
	for i := range n {
		pmid := first + schemas.PMID(i)
		switch i % 11 {
		case 5:
			u.Records = append(u.Records, Record{Reject: &schemas.Reject{
				PMID: pmid, Version: 1, Record: i, Stage: "decode", Kind: "malformed", Message: "made so"}})
		case 7:
			u.Records = append(u.Records, Record{Document: &schemas.Document{PMID: pmid, Version: 1, Deleted: true}})
		case 9:
			u.Records = append(u.Records, Record{Document: &schemas.Document{PMID: pmid, Version: 1}})
		default:
			u.Records = append(u.Records, Record{Document: NewDocument(pmid, 1+i%5)})
		}
	}
	return u
}

// NewDocument makes a document with a title and a number of sentences.
func NewDocument(pmid schemas.PMID, sentences int) *schemas.Document {
	var abstract []string
	for i := range sentences {
		abstract = append(abstract, fmt.Sprintf("Aspirin %d lowers the α-risk of Fever%d in Mice.", pmid, i))
	}
	return &schemas.Document{PMID: pmid, Version: 1, Sections: []schemas.Section{
		{Kind: schemas.KindTitle, Text: fmt.Sprintf("Record %d on Aspirin.", pmid)},
		{Kind: schemas.KindAbstract, Text: strings.Join(abstract, " ")},
	}}
}

// Skipping is a Source that is also a pipeline.Skipper.
type Skipping struct {
	Source
	Passed func(unit string, n int) // unless nil, receives the number of records of a unit that are skipped
}

// DocumentsFrom yields the records of a unit without the first n.
func (s Skipping) DocumentsFrom(ctx context.Context, u schemas.Unit, n int) (int, iter.Seq2[*schemas.Document, error]) {
	n = min(n, len(s.unit(u.Name).Records))
	if s.Passed != nil {
		s.Passed(u.Name, n)
	}
	return n, func(yield func(*schemas.Document, error) bool) {
		i := 0
		for doc, err := range s.Documents(ctx, u) {
			if i++; i > n && !yield(doc, err) {
				return
			}
		}
	}
}
