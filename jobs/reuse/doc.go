// Package reuse finds results of earlier runs in the published tables of a corpus, so that only
// changes are computed. Its [Reuser] is the pipeline.Reuser of a run.
//
// # What is reused
//
// A result is reused if
//
//   - it belongs to a record with the same pmid, text and sections (schemas.AnnotationsOf);
//   - everything that decides the results of its task is the same, by the digests that jobs.Parts
//     makes of stages, settings and parts of the model. The digest of a task includes those of the
//     tasks that it reads and of the sentences;
//   - the document has no rejects other than those of generated text, which are results.
//
// Otherwise the document is computed, which is always right. So it is if a file is missing, damaged
// or of a version with other columns; the file is named in the log.
//
// The parts may change between two chunks ([Reuser.Update]), so that a run also finds the results
// of the units that it published itself.
//
// # Search
//
// Each [Part] has a set of its pmids, a roaring bitmap (30 MB for 1,500 parts with all of PubMed),
// which is read from the column pmid of documents when a chunk first has a pmid in the range of the
// part. The parts that have a pmid are its candidates in this order: those with
// the results of more tasks, then those that are later in the history. The documents of a chunk are
// compared with their first candidates, part by part; those with another text with their second,
// and so on. The annotations are then read part by part: the rows that the column pmid selects.
//
// # Cost
//
// Reading decodes whole pages: one of each column for a single document, some milliseconds, and not
// much more for a chunk whose documents are close to each other in the part. The last pages of the
// last parts stay in memory for the next chunk. Processor time per abstract, with all tasks of the
// bundled model and with checkpoint and publication (0.3 ms):
//
//	computed                                          13 ms
//	reused, in the order of the old file             0.5 ms
//	reused, scattered over a file of 21,483 records  1.7 ms
//	reused, scattered over 221 files of 97 records   2.6 ms
package reuse
