package view

import (
	"bytes"
	"testing"

	"github.com/pubmine/pubmine/jobs/triples"
)

func TestTriples(t *testing.T) {
	concept, year, later := "MESH:D001241", int32(1999), int32(2004)
	none, one, both := int32(0), int32(1), int32(2)
	rows := []triples.Row{
		{
			SubjectConcept: &concept, SubjectName: "Aspirin", Type: "CID", ObjectName: "gastric\nulcer", Abstracts: 4,
			Negated: &none, MeanScore: 0.5, BestScore: 0.75, FirstYear: &year, LastYear: &later,
			PMIDs: []int32{1, 2, 3, 4},
		}, {
			SubjectName: "a | b", Type: "Bind", ObjectName: "c", Abstracts: 2, Negated: &one, FirstYear: &year,
			LastYear: &year, AnyRetracted: true, PMIDs: []int32{5, 6},
		},
		{SubjectName: "x", Type: "Bind", ObjectName: "y", Abstracts: 2, Negated: &both, PMIDs: []int32{7, 8}},
		{SubjectName: "x", Type: "CID", ObjectName: "y", Abstracts: 1, PMIDs: []int32{9}},
	}
	var b bytes.Buffer
	if err := Triples(&b, rows); err != nil {
		t.Fatal(err)
	}
	golden(t, "triples.txt", b.String())
}
