// Package schemas holds what passes between the parts of pubmine and what it leaves behind: the
// document and its annotations inside the program, and the rows of the tables outside it. The row
// structs are the single definition of every column: their parquet tags name and type it for
// Parquet (package parquetio) and for Arrow (package arrowview).
//
// # Tables
//
// Every row of every table has
//
//	pmid     int32   PubMed's identifier; 0 only in rejects, where a broken record does not say
//	version  int16   1 unless the publisher versions its articles; 0 only in rejects
//	unit     string  the input that the row came from
//
// and then, by table:
//
//	documents   one row per record: title, abstract, sections, every bibliographic column of Citation, is_deleted (the
//	            tombstone of a deleted record: key only), text_sha256, source
//	sentences   sentence, section, doc_start, doc_end, text
//	mentions    mention, type, text, doc_start, doc_end, section, sentence, score, concept, concept_name, concept_score,
//	            method, model
//	relations   relation, type, subject, object, subject_text, object_text, subject_concept, object_concept, sentence,
//	            score, method, evidence, model
//	summaries   text, method, sentences, score, model
//	answers     question_id, question, answer, score, sentences, evidence, model
//	rejects     record, stage, kind, message
//	superseded  by_unit, reason: a record that a later one with the same pmid and version revised or deleted. In the files that is
//	            one in the same unit; what later units replace is derived (package jobs)
//
// testdata/tables.json spells out every column with its type and whether it may be null.
//
// # Offsets
//
// Inside the program a Span counts bytes of Document.Text. In rows doc_start and doc_end count
// Unicode code points of title + " " + abstract, half open, so that Python's (title + " " +
// abstract)[doc_start:doc_end] and SQL's substr give the text of the row. NewRows converts once and
// checks every span: an annotation that does not stand where it says, or that refers to one that
// was refused, becomes a row of rejects and never a wrong row.
//
// # Identifiers
//
// sentence, mention and relation count from 0 within a document (pmid, version, unit); an
// annotation that was rejected leaves a gap. mentions.sentence, relations.subject,
// relations.object, relations.sentence, summaries.sentences and answers.sentences refer to rows
// that exist.
//
// # Nulls
//
// Title, abstract and text are never null, so that they may be joined without a case. A text or
// number that the record does not give is null, never "" or 0. Lists are never null: nothing is an
// empty list.
//
// # Order
//
// Rows stand in the order of the input, and within a document in the order of the text. No sort
// order is declared in the files: update files are not sorted by pmid, and a unit is written as it
// is read.
package schemas
