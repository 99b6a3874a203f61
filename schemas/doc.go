// Package schemas declares the types that pass between the parts of pubmine, and the tables that it
// writes:
//
//   - documents and their annotations, inside the program ([Document], [Annotations], [Unit]);
//   - the rows of the tables ([Rows]), made by [NewRows] and turned back by [AnnotationsOf], and
//     their numbers ([Counts]);
//   - the list of the tables ([Tables]) and the names of the tasks ([Tasks]).
//
// The row structs are the single definition of every column: their parquet tags name and type it
// for Parquet (package parquetio) and for Arrow (package arrowview).
//
// # Tables
//
// Every row of every table has
//
//	pmid     int32   PubMed's identifier; 0 only in rejects, if a bad record does not have it
//	version  int16   1 unless the publisher versions its articles; 0 only in rejects
//	unit     string  the input from which the row was made
//
// and then, by table:
//
//	documents   one row per record: title, abstract, sections, the columns of Citation,
//	            is_deleted (the row is the tombstone of a deleted record and has only its key),
//	            text_sha256, source
//	sentences   sentence, section, doc_start, doc_end, text
//	mentions    mention, type, text, doc_start, doc_end, section, sentence, score, concept,
//	            concept_name, concept_score, method, model
//	relations   relation, type, subject, object, subject_text, object_text, subject_concept,
//	            object_concept, sentence, score, alternatives, certainty, method, evidence, model
//	summaries   text, method, sentences, score, model
//	answers     question_id, question, answer, score, sentences, evidence, model
//	labels      label, score, model
//	vectors     vector, model
//	rejects     record, stage, kind, message: records and annotations that could not become rows
//	superseded  by_unit, reason: a record that was revised or deleted by a later one with the same
//	            pmid and version. The files have those of the same unit only; replacements by
//	            later units are derived (package corpus)
//
// A pair of entities has one row of relations by heads: one type, and as alternatives its other
// types with their scores, which are higher where they are less specific (package relation).
// certainty is asserted, negated or speculative: how the sentence with both mentions states the
// relation, whatever its type. evidence is that sentence. Where the mentions are in different
// sentences, sentence is null, certainty asserted, and evidence both sentences, those of the
// subject's and the object's mentions, in text order: joined by a space if they follow each other,
// by " … " if not. A generated relation has the clause that was generated.
//
// testdata/tables.json has every column with its type and whether it may be null.
//
// # Tasks
//
// A task fills one table: ner mentions, relations relations, summary summaries, answers answers,
// labels labels, vectors vectors. Task linking fills the columns of mentions that begin with
// concept, and with them those of relations. documents, sentences and rejects are always filled.
//
// # Concepts
//
// A concept is an identifier of a vocabulary, such as MESH:D004317 or NCBIGene:672 (package
// model/vocabulary has the forms), or a normal form of a variant, such as HGVS:p.Val600Glu (package
// model/variant). A composite mention has several, joined by "|", as has concept_name.
// concept_score is the probability that they are right. All are null if none is likely enough.
//
// # Offsets
//
// Inside the program a [Span] counts bytes of Document.Text. In rows, doc_start and doc_end count
// Unicode code points of title + " " + abstract, half open, so that Python's (title + " " +
// abstract)[doc_start:doc_end] and SQL's substr give the text of the row. NewRows converts offsets
// and checks every span: an annotation with a wrong span or with a reference to a rejected one
// becomes a row of rejects, never a wrong row.
//
// # Identifiers
//
// sentence, mention and relation count from 0 within a document (pmid, version, unit). A rejected
// annotation leaves a gap. mentions.sentence, relations.subject, relations.object,
// relations.sentence, summaries.sentences and answers.sentences refer to existing rows.
//
// # Nulls
//
// Title, abstract and text are never null, so that they can be joined without a case. A text or
// number that the record does not have is null, never "" or 0. Lists are never null, but may be
// empty.
//
// # Order
//
// Rows are in the order of the input, and within a document in the order of the text. The files
// declare no sort order: update files are not sorted by pmid, and a unit is written as it is read.
package schemas
