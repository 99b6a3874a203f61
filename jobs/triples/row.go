package triples

import (
	"cmp"
	"strings"
)

// Row is a triple with what its abstracts say about it. The package doc describes the columns.
type Row struct {
	SubjectConcept *string `parquet:"subject_concept,optional,dict" json:"subject_concept"`
	SubjectName    string  `parquet:"subject_name,dict" json:"subject_name"`
	SubjectType    string  `parquet:"subject_type,dict" json:"subject_type"`
	Type           string  `parquet:"type,dict" json:"type"`
	ObjectConcept  *string `parquet:"object_concept,optional,dict" json:"object_concept"`
	ObjectName     string  `parquet:"object_name,dict" json:"object_name"`
	ObjectType     string  `parquet:"object_type,dict" json:"object_type"`
	Abstracts      int32   `parquet:"abstracts" json:"abstracts"`
	Negated        *int32  `parquet:"negated,optional" json:"negated"`
	Speculative    *int32  `parquet:"speculative,optional" json:"speculative"`
	MeanScore      float32 `parquet:"mean_score" json:"mean_score"`
	BestScore      float32 `parquet:"best_score" json:"best_score"`
	FirstYear      *int32  `parquet:"first_year,optional" json:"first_year"`
	LastYear       *int32  `parquet:"last_year,optional" json:"last_year"`
	AnyRetracted   bool    `parquet:"any_retracted" json:"any_retracted"`
	PMIDs          []int32 `parquet:"pmids,list" json:"pmids"`
}

// compareRows orders rows: the best supported come first.
func compareRows(a, b *Row) int {
	return cmp.Or(
		cmp.Compare(b.Abstracts, a.Abstracts), cmp.Compare(b.BestScore, a.BestScore),
		strings.Compare(a.SubjectName, b.SubjectName), strings.Compare(a.Type, b.Type),
		strings.Compare(a.ObjectName, b.ObjectName), compareText(a.SubjectConcept, b.SubjectConcept),
		compareText(a.ObjectConcept, b.ObjectConcept), strings.Compare(a.SubjectType, b.SubjectType),
		strings.Compare(a.ObjectType, b.ObjectType),
	)
}

func compareText(a, b *string) int {
	if a == nil || b == nil {
		return cmp.Compare(btoi(a != nil), btoi(b != nil))
	}
	return strings.Compare(*a, *b)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
