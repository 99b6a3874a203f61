// Package diff compares two editions of a corpus: what an upgrade of a model, of the tasks or of a
// stage changed.
//
// # What is compared
//
// Documents that both editions have: the same pmid, version and unit, with the same text. Documents
// of which one edition has another text, documents and units that only one has, are counted. A unit
// that one edition has only in part is compared as far as it goes. Records that a later unit
// revised are compared, too: the numbers are those of all rows, not of the current ones.
//
// A table that only one edition makes, by its tasks, is named with its rows and not compared.
// Vectors are not compared.
//
// # How items are matched
//
// In a document, items of the two editions are paired in this order, each at most once:
//
//	            same                    changed                     retyped
//	mentions    span and type           type, and spans overlap     span, another type
//	concepts    concept                 another concept             -
//	relations   type and both names     subject and object swapped  both names, another type
//	summaries   method and text         method, another text        another method
//	answers     question and answer     question, another answer    -
//	labels      label                   -                           -
//
// Retyped mentions come before changed ones. Other items are lost (only before) or gained (only
// after). The concepts are those of the mentions that are the same. Names in relations are compared
// without case: the mention by which a relation names an entity may be another one. So for each
// type
//
//	before = same + changed + retyped_out + lost
//	after  = same + changed + retyped_in + gained
//
// The comparison of B with A mirrors that of A with B.
//
// # Agreement
//
// Agreement is the F1 score of one edition against the other, as seqeval computes it for two
// annotators: 2 same / (before + after). In agreement_span items that are retyped count as the
// same, too, in agreement_type those that are changed.
//
// # Files of differences
//
// [Writer] writes a Parquet file with a row for each item that is not the same:
//
//	pmid, version, unit
//	table_name    mentions, concepts, relations, summaries, answers, labels
//	change        lost, gained, changed, retyped
//	type_*        type of the mention or relation, method of the summary, question of the answer,
//	              label
//	text_*        mention, subject of the relation, summary, answer, label
//	object_*      object of the relation
//	concept_*     concept of the mention, in table concepts
//	start_*, end_*  of a mention, as in table mentions
//	score_*       its score
//
// where * is before and after. Columns of the edition that does not have the item are null.
//
// # Cost
//
// Documents are read in batches, so that memory, some 200 MB, does not depend on the size of the
// corpus. Files that both editions share are read once. 10,000 documents with 14 mentions each take
// about a second.
package diff
