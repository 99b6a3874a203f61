// Package corpus keeps what runs publish: a corpus directory that a crash at any moment leaves
// readable, and that the next run repairs and completes.
//
// # Layout
//
//	corpus.json                                      the format version; another one is refused
//	tables/<table>/<release>/<unit>-<key8>.parquet   published parts, one for each table of each live unit, also where it is empty
//	meta/units/<unit>/<key16>.json                   commit record: Record with its Spec
//	meta/snapshots/000042.json                       Snapshot: the Records of all live units; the newest three are kept
//	meta/work/<unit>-<key8>/chunk-0007.arrow         checkpoints, sealed by a checksum (package arrowview)
//	meta/plans/<query>.json                          what a query found: the PMIDs of its units, frozen (package eutils)
//	meta/tmp/                                        files being written
//	meta/lock                                        locked (flock) by the run at work
//	mirror/baseline/, mirror/updatefiles/            what sync downloads, each file with its .md5 (package bulk)
//
// Plans and the mirror are inputs: nothing here reads them, and no table depends on their being
// kept. Nothing that measures a run (times, speeds) is written below the directory.
//
// key8 and key16 are the first digits of the unit's key: the sha256 of the run's fingerprint
// ([Spec.Fingerprint]) and the digest of the input. The release of a unit named like a file of
// PubMed's, pubmed26n1335, is "pubmed26", that of every other one "local". Published files are a
// function of input and spec alone. The commit record also holds the input's stamp, which lets a
// run pass over an unchanged input without reading it.
//
// # Readers
//
// Readers take the newest snapshot ([Open], [Corpus.Snapshot]) or, because nothing but finished
// files ever stands under tables/, a glob. A snapshot never lists part of a unit. The files of a
// unit that was replaced are removed once the new snapshot is durable.
//
// # Publishing a unit
//
// Every file is published as package store describes: written under meta/tmp, fsynced, renamed, its
// directory fsynced. What is written once only (records, snapshots) is linked to its name instead,
// so that of two writers one wins.
//
//  1. Each chunk becomes a checkpoint.
//  2. The checkpoints are streamed into one temporary file per table. All are fsynced before the
//     first gets its name, so that a full disk leaves nothing under tables/.
//  3. The files get their names.
//  4. The commit record is linked to its name. This is the moment at which the unit is published.
//  5. Snapshot n+1 is linked to its name. Another writer may have been first; then its snapshot is
//     reloaded and added to.
//  6. The files of the record that this one replaces are removed, then that record.
//  7. The checkpoints are removed, and the snapshot that has become too old.
//
// A run without a model writes its units directly ([Options.Direct]): steps 1 and 2 are one, the
// rows of each chunk go straight to the temporary files of the tables, and a unit that is stopped
// begins again. Reading a file again takes less time than its checkpoints would: the whole of a
// file of 30,000 citations is some seconds.
//
// # What survives which crash
//
// [Create] repairs, while it holds the lock, what it finds:
//
//	crash in step   is found as                                and becomes
//	1               whole checkpoints, a temporary file        the run goes on after the last checkpoint
//	1, 2 directly   temporary files                            removed; the unit begins again
//	2, 3            temporary files; parts without a record    removed; the parts are made again from the checkpoints
//	4, 5            a record that is in no snapshot            a new snapshot with it; the unit is not computed again
//	6               records of a lower generation, their       removed
//	                parts, which no snapshot lists
//	7               checkpoints of a live unit, old snapshots  removed
//
// The live record of a unit is the one of the highest generation. A checkpoint whose checksum does
// not hold is computed again. A unit of which a file is gone counts as not published when its input
// comes again. Files under tables/ without the name of a part are not ours: they are left alone,
// and [Corpus.Verify] names them.
//
// # History
//
// PubMed's files revise each other: a record takes the place of the one with the same pmid and
// version in a file before it, or earlier in the same file, and a deletion is a tombstone that does
// the same. A deleted record may come back. reference/pubmed.md has the rules and where they are
// from.
//
// Inside a unit this is settled when it is published: of the records with the same pmid and version
// the last one gives the rows; each other one gives a single row of superseded, in which by_unit is
// the unit itself. So (pmid, version, unit) is a key of documents, and the rows of other tables
// belong to one document.
//
// Between units nothing is written. Which rows a later unit replaced follows from the keys of the
// live units and their order, and only from them; files that said it would have to be made again
// whenever an earlier unit arrives late or is replaced, and would no longer be a function of input
// and spec. Readers derive it with [Corpus.Views], which is why no crash can make it wrong.
//
// The order is Record.Sequence: units of a release by their numbers, others by when they were first
// committed with this content. A unit of a release that arrives late takes its place before the
// next number; a unit that is made again keeps its place.
//
// Each December a new release replaces the one before. [Sink.SetRelease] says which one readers
// see: a new one is built beside it, unseen, until it takes its place in one snapshot. Only then
// the units of older releases are removed; a crash in between leaves commit records of a release
// below the snapshot's, which Create removes.
//
// # Cost
//
// Opening lists the directories and reads one snapshot, some 2 kB a unit; commit records are read
// only where the snapshot lacks them. A commit writes the whole list again: for 1,500 units 3 MB,
// small beside a unit of tens of thousands of records.
package corpus
