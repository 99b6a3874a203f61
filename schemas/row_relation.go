package schemas

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"
)

// RelationRow is a row of table relations.
type RelationRow struct {
	Key
	Relation       int32            `parquet:"relation,delta"` // from 0 within the document
	Type           string           `parquet:"type,dict"`
	Subject        int32            `parquet:"subject"` // mentions.mention
	Object         int32            `parquet:"object"`  // mentions.mention
	SubjectText    string           `parquet:"subject_text"`
	ObjectText     string           `parquet:"object_text"`
	SubjectConcept string           `parquet:"subject_concept,optional,dict"`
	ObjectConcept  string           `parquet:"object_concept,optional,dict"`
	Sentence       *int32           `parquet:"sentence,optional"` // null if the mentions are in different sentences
	Score          float32          `parquet:"score"`
	Alternatives   []AlternativeRow `parquet:"alternatives,list"` // the most likely one first
	Certainty      string           `parquet:"certainty,dict"`    // Asserted, Negated or Speculative
	Method         string           `parquet:"method,dict"`       // MethodHead or MethodGenerated
	Evidence       string           `parquet:"evidence,optional"`
	Model          string           `parquet:"model,dict"`
}

// AlternativeRow is one element of relations.alternatives.
type AlternativeRow struct {
	Type  string  `parquet:"type,dict"`
	Score float32 `parquet:"score"`
}

func (b *rowBuilder) addRelation(i int, r Relation) *Reject {
	bad := func(kind, format string, args ...any) *Reject {
		return &Reject{
			Stage: TaskRelations, Kind: kind,
			Message: fmt.Sprintf("relation %d: ", i) + fmt.Sprintf(format, args...),
		}
	}
	if !finite(r.Score) || slices.ContainsFunc(r.Alternatives, func(a Alternative) bool { return !finite(a.Score) }) {
		return bad("bad-score", "score %v, alternatives %v", r.Score, r.Alternatives)
	}
	certainty := cmp.Or(r.Certainty, Asserted)
	if certainty != Asserted && certainty != Negated && certainty != Speculative {
		return bad("bad-certainty", "certainty %q", r.Certainty)
	}
	if !utf8.ValidString(r.Evidence) {
		return bad("bad-text", "the evidence is not valid UTF-8")
	}
	subject, ok := b.mentions[r.Subject]
	if !ok {
		return bad("bad-reference", "subject %d has no row", r.Subject)
	}
	object, ok := b.mentions[r.Object]
	if !ok {
		return bad("bad-reference", "object %d has no row", r.Object)
	}
	var sentence *int32
	if r.Sentence != -1 {
		if _, ok := b.sentences[r.Sentence]; !ok {
			return bad("bad-reference", "sentence %d has no row", r.Sentence)
		}
		sentence = new(int32(r.Sentence))
	}
	var alternatives []AlternativeRow
	for _, a := range r.Alternatives {
		alternatives = append(alternatives, AlternativeRow(a))
	}
	b.rows.Relations = append(b.rows.Relations, RelationRow{
		Key: b.key, Relation: int32(i), Type: r.Type, Subject: subject.Mention, Object: object.Mention,
		SubjectText: subject.Text, ObjectText: object.Text,
		SubjectConcept: subject.Concept, ObjectConcept: object.Concept,
		Sentence: sentence, Score: r.Score, Alternatives: alternatives, Certainty: certainty,
		Method: r.Method, Evidence: r.Evidence, Model: b.from.Model,
	})
	return nil
}
