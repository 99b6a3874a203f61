package schemas

import (
	"cmp"
	"fmt"
)

// MentionRow is a row of table mentions.
type MentionRow struct {
	Key
	Mention      int32   `parquet:"mention,delta"` // from 0 within the document
	Type         string  `parquet:"type,dict"`     // "Chemical", "Disease", "Gene", "Species", "Variant", "CellLine"
	Text         string  `parquet:"text"`
	DocStart     int32   `parquet:"doc_start,delta"` // code points of title + " " + abstract
	DocEnd       int32   `parquet:"doc_end,delta"`
	Section      int32   `parquet:"section"`        // index in documents.sections
	Sentence     int32   `parquet:"sentence,delta"` // sentences.sentence that the mention begins in
	Score        float32 `parquet:"score"`
	Concept      string  `parquet:"concept,optional,dict"` // "MESH:D001241"
	ConceptName  string  `parquet:"concept_name,optional,dict"`
	ConceptScore float32 `parquet:"concept_score,optional"`
	Method       string  `parquet:"method,dict"` // MethodHead, or MethodGenerated for a name that was generated
	Model        string  `parquet:"model,dict"`
}

func (b *rowBuilder) addMention(i int, x Mention) *Reject {
	bad := func(kind, format string, args ...any) *Reject {
		return &Reject{
			Stage: TaskNER, Kind: kind, Message: fmt.Sprintf("mention %d: ", i) + fmt.Sprintf(format, args...),
		}
	}
	if x.ID != i {
		return bad("bad-id", "has id %d", x.ID)
	}
	if !finite(x.Score) || !finite(x.ConceptScore) {
		return bad("bad-score", "score %v, concept score %v", x.Score, x.ConceptScore)
	}
	start, end, err := b.locate(x.Span, x.Section)
	if err != nil {
		return bad("bad-span", "%v", err)
	}
	in, ok := b.sentences[x.Sentence]
	if !ok {
		return bad("bad-reference", "sentence %d has no row", x.Sentence)
	}
	if x.Start < in.Start || x.Start >= in.End {
		return bad(
			"bad-span", "begins at byte %d, not in sentence %d, which is %d to %d", x.Start, x.Sentence, in.Start,
			in.End,
		)
	}
	row := MentionRow{
		Key: b.key, Mention: int32(i), Type: x.Type, Text: b.text[x.Start:x.End],
		DocStart: start, DocEnd: end, Section: int32(x.Section), Sentence: int32(x.Sentence), Score: x.Score,
		Concept: x.Concept, ConceptName: x.ConceptName, ConceptScore: x.ConceptScore,
		Method: cmp.Or(x.Method, MethodHead), Model: b.from.Model,
	}
	b.mentions[i] = row
	b.rows.Mentions = append(b.rows.Mentions, row)
	return nil
}
