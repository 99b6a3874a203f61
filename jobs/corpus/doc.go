// Package corpus keeps the results of runs: a directory that a crash at any moment leaves readable,
// and that the next run repairs and completes.
//
// # Layout
//
//	corpus.json                                      format version; another one is refused
//	tables/<table>/<release>/<unit>-<key8>.parquet   one file per table and live unit
//	meta/units/<unit>/<key16>.json                   commit record: Record with its Configuration
//	meta/snapshots/000042.json                       Records of all live units; three are kept
//	meta/work/<unit>-<key8>/chunk-0007.arrow         checkpoints with a checksum (arrowview)
//	meta/plans/<query>.json                          PMIDs of a query's units, frozen (eutils)
//	meta/tmp/                                        files being written
//	meta/lock                                        locked (flock) by the run that writes
//	mirror/baseline/, mirror/updatefiles/            downloads of sync with their .md5 (bulk)
//
// Plans and the mirror are inputs: this package does not read them, and no table depends on them.
// No measurement of a run (times, speeds) is written below the directory.
//
// key8 and key16 are the first digits of the unit's key: the sha256 of the run's fingerprint
// ([Configuration.Fingerprint]) and the digest of the input. The release of a unit that is named
// like a file of PubMed, pubmed26n1335, is "pubmed26", that of every other one "local". Published
// files are a function of input and configuration only. The commit record also holds the input's
// stamp, so that a run can skip an unchanged input without reading it.
//
// # Readers
//
// Readers take the newest snapshot ([Open], [Corpus.Snapshot]) or a glob, because there are only
// finished files under tables/. A snapshot never lists part of a unit. The files of a unit that was
// replaced are removed once the new snapshot is durable.
//
// # Publishing a unit
//
// Every file is published as package store describes: written under meta/tmp, fsynced, renamed, its
// directory fsynced. Records and snapshots are written once only: they are linked to their name
// instead, so that of two writers one wins.
//
//  1. Each chunk becomes a checkpoint.
//  2. The checkpoints are copied into one temporary file per table. All are fsynced before the
//     first is renamed, so that a full disk leaves nothing under tables/.
//  3. The files are renamed to their names.
//  4. The commit record is linked to its name. At this moment the unit is published.
//  5. Snapshot n+1 is linked to its name. If another writer was faster, its snapshot is reloaded
//     and added to.
//  6. The files of the record that this one replaces are removed, then that record.
//  7. The checkpoints are removed, and the oldest snapshot.
//
// A run without a model writes its units directly ([Options.Direct]): steps 1 and 2 are one, the
// rows of each chunk are appended to the temporary files of the tables, and an interrupted unit
// starts again. Reading a file again takes less time than its checkpoints would: a file of 30,000
// citations takes seconds.
//
// # Recovery
//
// [Create] repairs, while it holds the lock, what a crash left:
//
//	crash in step   remains                                    repair
//	1               intact checkpoints, a temporary file       the run continues after it
//	1, 2 directly   temporary files                            removed; the unit starts again
//	2, 3            temporary files; files without a record    removed; written again
//	4, 5            a record that is in no snapshot            a new snapshot with it
//	6               records of a lower generation, and their   removed
//	                files, which no snapshot lists
//	7               checkpoints of a live unit, old snapshots  removed
//
// The live record of a unit is the one with the highest generation. A checkpoint whose checksum
// does not match is computed again. A unit with a missing file counts as not published when its
// input comes again. Files under tables/ that do not have the name of a published file are left
// alone, and [Corpus.Verify] lists them.
//
// # History
//
// PubMed's files revise each other: a record replaces the one with the same pmid and version in an
// earlier file, or earlier in the same file; a deletion is a record that does the same. A deleted
// record may come back. Package pubmed has the rules and their sources.
//
// Inside a unit this is resolved when it is published: of the records with the same pmid and
// version the last one gives the rows; each other one gives a single row of table superseded, in
// which by_unit is the unit itself. So (pmid, version, unit) is a key of documents, and the rows of
// other tables belong to one document.
//
// Between units nothing is written. Which rows a later unit superseded follows from the keys of the
// live units and their order. Files that recorded it would have to be rewritten whenever an earlier
// unit arrives late or is replaced, and would not be a function of input and configuration. Readers
// derive it with [Corpus.Views], so no crash can make it wrong.
//
// The order is Record.Sequence: units of a release by their numbers, others by the time at which
// they were first committed with this content. A unit of a release that arrives late is placed
// before the next number; a unit that is computed again keeps its place.
//
// Each December a new release replaces the one before. [Sink.SetRelease] decides which one readers
// see: a new one is built beside it, unseen, until a single snapshot switches. Only then the units
// of older releases are removed; a crash in between leaves commit records of a release below the
// snapshot's, which Create removes.
//
// # Cost
//
// Opening lists the directories and reads one snapshot, about 2 kB per unit; commit records are
// read only if the snapshot lacks them. A commit rewrites the whole list: 3 MB for 1,500 units,
// little beside a unit of tens of thousands of records.
package corpus
