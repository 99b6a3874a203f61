// Package parquetio writes the tables of schemas.Rows as Parquet files, one file per table and
// unit, and reads them.
//
// A file depends on nothing but the rows and the metadata: it is the same in every run and on every
// machine. It has
//
//   - exactly the columns of the table's row struct; a table without rows is a file without row
//     groups, so that a reader may open every table of every unit;
//   - rows in the order in which they were written, without a declared sort order;
//   - row groups of at most 64k rows, 4k for documents and vectors: up to 100 MB in memory;
//   - pages of 1 MiB, compressed with zstd at its fastest level, level 1, as pyarrow does, each
//     with a checksum;
//   - dictionaries for columns tagged dict, unless they would exceed 1 MiB; delta encoding for
//     those tagged delta;
//   - a bloom filter on pmid; page bounds for every column except free text, whose bounds would be
//     whole abstracts;
//   - key-value metadata: pubmine.table, pubmine.schema (schemas.Version), and that of the caller.
//
// A file is read row by row ([Scan]), or the rows of some pmids by the columns that are needed
// ([Columns]). Reading checks that the columns are those of the row struct, and the checksum of
// each page. It trusts the footer and the page headers: a reader of files of unknown origin must
// first compare them with the sha256 in the commit record (package corpus).
package parquetio
