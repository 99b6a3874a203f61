// Package arrowview writes chunks of rows as Arrow IPC files and reads them back exactly: the
// checkpoints of a run.
//
// The Arrow schema is derived from the parquet tags of schemas.Rows, so that a column is defined
// once. By Go type:
//
//	string int16 int32 int64 float32 bool  utf8 int16 int32 int64 float bool
//	schemas.Date tagged date               date32
//	[]T tagged list                        list<element: T not null>, not null; nil becomes empty
//	struct                                 struct, not null
//	embedded struct                        its fields
//	tagged optional, or a pointer          nullable: the zero value, or nil, is null
//
// # File
//
// A chunk is one uncompressed Arrow IPC file that any Arrow reader can open. Row i has the Rows of
// record i of the chunk: one list column per table. The end of the footer, which other readers
// ignore, is a checksum:
//
//	record batches … footer | crc32c uint32 | length of footer and crc32c uint32 | "ARROW1"
//
// in little-endian order, CRC-32C over every other byte of the file. ReadChunk parses nothing
// before the checksum agrees, so that a truncated or damaged file is ErrCorrupt and never a wrong
// row, a panic, or an allocation without bounds.
package arrowview
