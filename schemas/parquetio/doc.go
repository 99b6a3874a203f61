// Package parquetio writes the tables of schemas.Rows as Parquet files, one file per table and
// unit, and reads them.
//
// A file is a function of the rows and the metadata alone: the same on every run and machine. It
// holds
//
//   - every column of the table's row struct, and nothing else; a table without rows is a file
//     without row groups, so that a reader may open every table of every unit;
//   - rows in the order in which they were written, with no sort order declared;
//   - row groups of at most 64k rows, 4k for documents: up to 100 MB in memory;
//   - pages of 1 MiB, compressed with zstd at its fastest level, level 1, as pyarrow does, each
//     with a checksum;
//   - dictionaries for columns tagged dict, given up where they would grow beyond 1 MiB; delta
//     encoding for those tagged delta;
//   - a bloom filter on pmid, page bounds for every column but free text, whose bounds would be
//     whole abstracts;
//   - key-value metadata: pubmine.table, pubmine.schema (schemas.Version), and what the caller
//     gives.
//
// Reading checks that the columns are those of the row struct, and the checksum of each page. It
// trusts the footer and the headers of pages: who reads files of unknown origin must compare them
// with the sha256 in the commit record of package jobs first.
package parquetio
