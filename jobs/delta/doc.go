// Package delta writes and reads the transaction logs of tables in the format of Delta Lake, which
// DuckDB, polars, pandas, Spark and Trino read. It knows tables and data files, and nothing of
// what a corpus is.
//
// The specification is https://github.com/delta-io/delta/blob/master/PROTOCOL.md. This page has
// the part of it that is written here, and what is added.
//
// # Layout
//
//	delta/<table>/**/<name>.parquet      data files, which the caller writes
//	delta/<table>/_delta_log/
//	    00000000000000000042.json        commit: the changes of version 42
//	    00000000000000000040.checkpoint.parquet   the whole of version 40
//	    _last_checkpoint                 the number of the newest checkpoint, for readers
//
// A version is the set of data files that the commits up to its number have added and not removed.
// Data files never change. A removed file stays on disk for readers of older versions, until the
// caller deletes it.
//
// # Commits
//
// A commit is a text file with one JSON object a line, in this order:
//
//	commitInfo  digest, timestamp, operation, operationParameters (Commit.Info),
//	            engineInfo: pubmine
//	protocol    in version 0
//	metaData    in version 0
//	remove      path, deletionTimestamp, dataChange: true, extendedFileMetadata: true,
//	            partitionValues: {}, size
//	add         path, partitionValues: {}, size, modificationTime, dataChange: true, and
//	            stats: numRecords, least and greatest pmid if they are known
//
// Times are milliseconds since 1970. A commit without files has only its commitInfo. The same
// Commit gives the same bytes, so a commit that a crash or a failed disk interrupted may be
// repeated.
//
// Commits are published by store.Dir.PutIfAbsent: of two writers of one version, one wins, and the
// other gets [ErrConflict].
//
// # Checkpoints
//
// A checkpoint is the classic one, a single Parquet file with a row for each action of a version:
// protocol, metaData, the files that were removed lately (of which other programs want to know
// before they delete files from the disk), and the live files with dataChange: false. The same log
// gives the same bytes, so a checkpoint can be repaired as long as its commits are there.
// _last_checkpoint has version, size, sizeInBytes, numOfAddFiles and checksum.
//
// Readers begin at the newest checkpoint. [Log.Clean] removes the commits before it: the versions
// that they made can then no longer be read.
//
// # Protocol
//
// Readers need version 1 of the protocol, the oldest: no deletion vectors, no column mapping, no
// partitions. Writers need the features "invariants", which stands for columns that are never
// null, and "pubmine", which no other program has. So all programs can read a table, and those
// that keep to the protocol refuse to append to it, to rewrite its files or to change its schema,
// which would take the number of the next version. metaData.configuration switches off the removal
// of old commits by others; [Log.Clean] removes them.
//
// # Schema
//
// metaData.schemaString is derived from the Parquet schema of the table's row type:
//
//	string       string    INT(16)   short      BOOLEAN  boolean
//	DATE         date      INT32     integer    FLOAT    float
//	LIST         array     INT64     long       DOUBLE   double
//	other group  struct
//
// Optional columns are nullable and required ones are not, in structs and lists, too. Row types
// have no timestamps. metaData.id is a UUID made of the names of the corpus and of the table.
//
// # Damage
//
// Commits and checkpoints hold their own digest: the SHA-256 of the file with a fixed text in the
// place of the digest, as commitInfo.digest and as key pubmine.digest of the Parquet metadata. A
// file with another digest is [ErrDamaged]. Commits of other programs have none and are not
// compared; their checkpoints are ignored, and replaced by ours.
package delta
