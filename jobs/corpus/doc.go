// Package corpus keeps the results of runs: a directory that a crash at any moment leaves readable,
// that the next run repairs and completes, and in which nothing good is replaced by something
// poorer.
//
// # Layout
//
//	corpus.json                               format version; another one is refused
//	tables -> meta/tables/000042              the current edition, for programs that list files:
//	tables/<table>/000042/<part>.parquet        hard links to the data files
//	delta/<table>/<part>-<key8>.parquet       data files: the rows of a table; never changed
//	delta/<table>/_delta_log/                 the table as a Delta Lake table (package delta)
//	meta/log/0000000042.json                  version 42 of the corpus: what changed
//	meta/log/0000000100.checkpoint.json       everything at version 100
//	meta/copy/                                a copy of each file of meta/log
//	meta/work/<unit>-<key8>/chunk-0007.arrow  checkpoints with a checksum (arrowview)
//	meta/work/<unit>-<key8>/part-0008.arrow   the first records of a chunk that is being computed
//	meta/plans/<query>.json                   PMIDs of a query's units, frozen (eutils)
//	meta/repair/                              parts that a repair computes again (package jobs)
//	meta/tmp/                                 files being written
//	meta/lock, meta/manage, meta/commit       locked (flock): see Locks
//	mirror/baseline/, mirror/updatefiles/     downloads of sync with their .md5 (bulk)
//
// Plans and the mirror are inputs: this package does not read them, and no table depends on them.
// No measurement of a run (speeds) is written below the directory.
//
// key8 are the first digits of the unit's key: the sha256 of the run's fingerprint
// ([Configuration.Fingerprint]) and the digest of the input. Data files are a function of input and
// configuration only, the same bytes on every run; their key-value metadata names both. A table
// without rows in a unit has no file for it. Every table has a file +empty.parquet without rows,
// because most programs take a pattern that matches no file for an error.
//
// # Parts and packs
//
// A part is the data files, one for each table, of one or more units. The part of one unit has the
// name of the unit, its key, and its rows in the order of the input. A pack is the part of several
// units: thousands of files with one record each would otherwise become thousands of data files per
// table. Its name is that of its first unit, '~' and the number of units; its key is the sha256 of
// the fingerprint and the digest of names and digests of its units; its rows are sorted by pmid,
// then by unit, then as in the input. Every row names its unit.
//
// A unit with few records ([Options.Pack]) waits in memory until enough of them are together, or
// for the end of the run. Which units share a pack depends on the order of the inputs and on what
// was published before, and a run that was killed makes the same packs as an undisturbed one. A
// unit that is replaced leaves its pack, which is written again without it. A pack of which a file
// is lost or damaged is published again, byte for byte, when the inputs of all its units come.
//
// [Manager.Compact] merges parts into packs later. The files are the same as if the units had been
// packed in the first place.
//
// # Locks
//
// meta/lock is held by the run or sync that writes units, meta/manage by a [Manager], which may
// work beside it. Whoever publishes files, removes some, or commits holds meta/commit for that
// moment, and first takes up what others have committed. Files that nothing refers to may belong to
// the unfinished work of another process: only who holds the first two removes them. Where there is
// no flock, commits are still made one after the other, because their names are taken only once.
//
// # Editions
//
// An edition is one complete set of results under one configuration: the corpus remembers it, with
// the request that led to it ([Settings]), and run and sync without options continue it. A run with
// another configuration writes another edition beside it. Readers see exactly one, the current one.
// A new edition becomes current, in one step, when it has every unit of the current one; the old
// one is kept. A configuration that makes fewer tables than the current edition has is refused
// ([LossError]) unless [Options.DropTables] allows it.
//
// A unit of which only the first records were taken is partial ([Record.Partial]). It never
// replaces the whole unit, the whole unit replaces it, and an edition with it is not complete if
// the current one has the whole.
//
// Each December PubMed begins a new yearly release with a new baseline. It becomes a new edition,
// too ([Sink.BeginRelease]), which shares the units that belong to no release. Readers see it when
// the baseline is complete ([Sink.SetRelease]), and then the edition of the release before is
// dropped.
//
// [Preview] opens a corpus to announce what a run would do: the same code decides, and nothing is
// written.
//
// # The log
//
// The log is the truth; everything else that readers use follows from it. Each version is one file:
// a line of JSON, the commit, and a second line with the sha256 of the first. A commit names the
// edition that changes, the parts that it gains and loses, and the current edition. A part is the
// files of one or more units. A checkpoint holds the whole [Snapshot]. The files before the last
// but one checkpoint are removed. Checkpoints become rarer as the log grows, so that the cost of a
// commit does not depend on the size of the corpus.
//
// Each file of the log has a copy in meta/copy, written after it. Readers and writers read the copy
// of a file that is lost or damaged.
//
// Every version of the corpus is one version of each Delta table, with the same number: the files
// that readers gain and lose. Programs that read Delta tables (deltalake, polars, Spark, …) see one
// version of a table, whatever is published meanwhile, and any earlier one of the last days.
//
// # Readers
//
// There are three ways in, and none needs a lock:
//
//   - The Delta tables: one consistent version each, and travel in time.
//   - The views of [Corpus.Views] for DuckDB: one consistent version each. They list all data
//     files, so a query fails if gc removes one of them at that moment: ask again.
//   - A glob below tables/. It lists each unit once, and only those of the current edition. A file
//     whose unit is replaced is replaced by rename. Where several files change together (another
//     edition is current), the link tables is replaced, and every file has another path: a query
//     that listed the files before and opens them after fails with a missing file. It never mixes
//     two editions.
//
// Files that were replaced, merged or dropped are kept for a week, for readers of earlier versions.
//
// # Publishing a unit
//
// Every file is published as package store describes: written under meta/tmp, fsynced, renamed, its
// directory fsynced. Commits are linked to their name instead, so that of two writers one wins.
//
//  1. Each chunk becomes a checkpoint; of a chunk that takes long, what is computed so far (Keep).
//     The last chunk stays in memory if step 2 follows. The units of a pack become checkpoints only
//     if half a minute passes, or the run stops, before the pack is complete.
//  2. The checkpoints are copied into one temporary file per table. All are fsynced before the
//     first is renamed, so that a full disk leaves nothing half-published.
//  3. The files are renamed to their names below delta/.
//  4. Commit n+1 is linked to its name in the log. At this moment the unit is published. If another
//     writer was faster, the commit is made anew after its commit. Then its copy is written.
//  5. The Delta logs get version n+1, those of documents last. The links below tables/ change.
//  6. If one is due, checkpoints of the log and of the Delta logs are written.
//  7. The checkpoints of the unit are removed.
//
// A run without a model writes its units directly ([Options.Direct]): steps 1 and 2 are one, the
// rows of each chunk are appended to the temporary files of the tables, and an interrupted unit
// starts again. Reading a file again takes less time than its checkpoints would: a file of 30,000
// citations takes seconds.
//
// # Recovery
//
// [Create] and [Manage] repair what a crash left:
//
//	crash in step   remains                                    repair
//	1               intact checkpoints, a temporary file       the run continues after it
//	1, 2 directly   temporary files                            removed; the unit starts again
//	2, 3            temporary files; files of no edition       removed; written again
//	4 (no links)    the beginning of a commit                  removed; the unit is published
//	4               a commit without its copy                  copied
//	5               Delta logs and links that are behind       brought up to the log
//	7               checkpoints of a published unit            removed
//
// A checkpoint whose checksum does not match is computed again. A unit with a missing file, or one
// of another size than was published, counts as not published when its input comes again: the same
// bytes take its place. Files without the name of a data file are left alone, and [Corpus.Verify]
// lists them. A file with the bytes of a lost data file gets its name.
//
// A file of the log that was damaged later is restored from its copy, and a damaged copy from its
// file. If both are damaged, the corpus cannot be opened ([ErrDamaged]): one of them must come from
// a backup. A Delta log that is lost or damaged is restored from the log; if the first commits of
// that were removed, it begins with the whole table at a later version.
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
// Between units this is the rule ([Latest]): a deletion replaces every record that comes before it
// in the history, and of the records in files of PubMed's releases only the last one of the newest
// release counts. It competes with each record in other units, such as folders and replies of
// EFetch, which may come in any order: the one with the latest date_revised is current, or, of
// several, the last one. A record without a date counts as the oldest.
//
// A deletion has no date, so a unit of no release that comes after it brings the record back, even
// if its content is older.
//
// Between units nothing is written. Which rows are superseded follows from the keys of the units,
// the dates and the order. Files that recorded it would have to be rewritten whenever an earlier
// unit arrives late or is replaced, and would not be a function of input and configuration. Readers
// derive it with [Corpus.Views], so no crash can make it wrong.
//
// The order is Record.Sequence: units of a release by their numbers, others by the time at which
// they were first committed with this content. A unit of a release that arrives late is placed
// before the next number; a unit that is computed again, in whichever edition, keeps its place.
package corpus
