// Package verify compares a corpus with its log, down to the rows.
//
// Package corpus checks the layout: the log and its copies, Delta logs, links, checkpoints, files
// that belong to nothing. This package adds the data files and the frozen queries:
//
//   - Each data file has the size and digest of the log.
//   - Each file of a part of which all files are as they were published is decoded in full. Its
//     number of rows is that of the log, as are, for each unit, the numbers of rows by table, of
//     mentions by type and of rejects by kind, and the least and greatest pmid.
//   - (pmid, version, unit) is unique in documents, and its unit is one of the part. Rows of other
//     tables belong to a document of the part and come in the order of the documents.
//   - The rows of each document agree with each other and with its text ([schemas.Rows.Check]).
//   - The documents, superseded records and rejected records of a unit are as many records as its
//     number of chunks has.
//   - Plans of queries have their checksum.
//
// Parts are checked side by side, each row by row: memory does not grow with the corpus.
package verify
