package schemas

import "fmt"

// SentenceRow is a row of table sentences.
type SentenceRow struct {
	Key
	Sentence int32  `parquet:"sentence,delta"`  // from 0 within the document
	Section  int32  `parquet:"section"`         // index in documents.sections
	DocStart int32  `parquet:"doc_start,delta"` // code points of title + " " + abstract
	DocEnd   int32  `parquet:"doc_end,delta"`
	Text     string `parquet:"text"`
}

func (b *rowBuilder) addSentence(i int, s Sentence) *Reject {
	start, end, err := b.locate(s.Span, s.Section)
	if err == nil {
		if n := len(b.rows.Sentences); n > 0 && start < b.rows.Sentences[n-1].DocEnd {
			err = fmt.Errorf("begins before the end of the sentence before it")
		}
	}
	if err != nil {
		return &Reject{Stage: "sentences", Kind: "bad-span", Message: fmt.Sprintf("sentence %d: %v", i, err)}
	}
	b.sentences[i] = s.Span
	b.rows.Sentences = append(b.rows.Sentences, SentenceRow{
		Key: b.key, Sentence: int32(i), Section: int32(s.Section),
		DocStart: start, DocEnd: end, Text: b.text[s.Start:s.End],
	})
	return nil
}
