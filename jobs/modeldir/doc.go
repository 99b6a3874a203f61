// Package modeldir is the one writer of model directories (package catalog).
//
// [Create] locks a directory, [Writer.Write] stages files, and [Writer.Commit] publishes them, the
// card last. Staged files are complete and durable, but stand under meta/tmp: until Commit, an
// earlier model in the directory is untouched. Commit first removes the earlier card, durably, then
// moves the files to their names, and then writes the new card with the digest of every file. So at
// each moment the directory holds a card that matches its files, or no card; a crash in Commit
// leaves no card, and the next Create takes the directory up.
//
// Create accepts a directory that does not exist, that is empty, or that an earlier attempt left
// (it has the file meta/model.lock). It refuses other directories ([ErrTaken]), and complete models
// ([ErrComplete]) unless [Options.Replace] is set. Replacing a model removes the files that its
// card lists and leaves all others, such as a README.md. [ErrFinished] is for a command that is run
// again after a crash in the last moments of Commit.
//
// [Writer.State] is the state of a training that can be resumed. It stays under meta/training when
// the writer is closed, and is removed by Commit.
package modeldir
