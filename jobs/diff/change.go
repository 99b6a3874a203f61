package diff

import "github.com/pubmine/pubmine/schemas"

// The kinds of Change.Change.
const (
	Lost    = "lost"    // only before
	Gained  = "gained"  // only after
	Changed = "changed" // both, with the same type
	Retyped = "retyped" // both, with another type
)

// Change is an item that is not the same in both editions: a row of a file of differences. The
// package doc has the meaning of the columns.
type Change struct {
	PMID          int32    `parquet:"pmid" json:"pmid"`
	Version       int16    `parquet:"version" json:"version"`
	Unit          string   `parquet:"unit,dict" json:"unit"`
	Table         string   `parquet:"table_name,dict" json:"table_name"`
	Change        string   `parquet:"change,dict" json:"change"`
	TypeBefore    *string  `parquet:"type_before,optional,dict" json:"type_before,omitempty"`
	TypeAfter     *string  `parquet:"type_after,optional,dict" json:"type_after,omitempty"`
	TextBefore    *string  `parquet:"text_before,optional" json:"text_before,omitempty"`
	TextAfter     *string  `parquet:"text_after,optional" json:"text_after,omitempty"`
	ObjectBefore  *string  `parquet:"object_before,optional" json:"object_before,omitempty"`
	ObjectAfter   *string  `parquet:"object_after,optional" json:"object_after,omitempty"`
	ConceptBefore *string  `parquet:"concept_before,optional" json:"concept_before,omitempty"`
	ConceptAfter  *string  `parquet:"concept_after,optional" json:"concept_after,omitempty"`
	StartBefore   *int32   `parquet:"start_before,optional" json:"start_before,omitempty"`
	EndBefore     *int32   `parquet:"end_before,optional" json:"end_before,omitempty"`
	StartAfter    *int32   `parquet:"start_after,optional" json:"start_after,omitempty"`
	EndAfter      *int32   `parquet:"end_after,optional" json:"end_after,omitempty"`
	ScoreBefore   *float32 `parquet:"score_before,optional" json:"score_before,omitempty"`
	ScoreAfter    *float32 `parquet:"score_after,optional" json:"score_after,omitempty"`
}

// changeOf returns the row of a pair.
func changeOf(key schemas.Key, table, kind string, p pair) Change {
	c := Change{PMID: key.PMID, Version: key.Version, Unit: key.Unit, Table: table, Change: kind}
	if x := p.before; x != nil {
		c.TypeBefore, c.TextBefore, c.ScoreBefore = &x.typ, &x.text, &x.score
		c.ObjectBefore, c.ConceptBefore = ifAny(x.object), ifAny(x.concept)
		if x.end > 0 {
			c.StartBefore, c.EndBefore = &x.start, &x.end
		}
	}
	if x := p.after; x != nil {
		c.TypeAfter, c.TextAfter, c.ScoreAfter = &x.typ, &x.text, &x.score
		c.ObjectAfter, c.ConceptAfter = ifAny(x.object), ifAny(x.concept)
		if x.end > 0 {
			c.StartAfter, c.EndAfter = &x.start, &x.end
		}
	}
	return c
}

func ifAny(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
