// Package status says what is in a corpus and in which state it is, at a glance. It needs no lock,
// and has an answer for a corpus that is empty, being built, written to by a run, or damaged.
//
// # Documents
//
// The numbers of [Documents] are exact: they are those of the views of corpus.Views. They follow
// from the columns pmid, version and is_deleted, which are read as sets of pmids (roaring bitmaps,
// 30 MB for all of PubMed). Every pmid with a record that is not deleted has a current document,
// whichever of its revisions it is; only where a record follows a deletion, all its revisions are
// compared with corpus.Latest. A [Reader] that is asked again reads only new files.
//
// # JSON
//
// pubmine status --json prints a [Status]. Fields may be added; none changes its meaning. Lists are
// empty, never null. The field documents is null if a file of the table cannot be read: problems
// says which.
package status
