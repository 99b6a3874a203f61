// Package pipeline is the run: from the units of a [Source] to the published parts of a [Sink].
//
//	           prepare                      infer                    finish
//	Source ─ decode, split, tokenize ─ trunk, once a document ─ tasks, rows, checkpoint, commit ─ Sink
//	           many workers                 one owner                many workers
//
// Tasks that are served by writing (a Prompter) make their prompts in the first stage; in the
// second the Writer goes on with those of a group, after the trunk.
//
// [Run] is one errgroup of three stages joined by unbuffered channels, so that at most three chunks
// are in memory: one being decoded and prepared, one in the encoder, one being finished. All
// goroutines live in run.go; sources, stages, encoder and sink are called from them and start none
// of their own accord.
//
// # Units and chunks
//
// A unit is published all or nothing. A chunk is [Options].Chunk consecutive records of a unit,
// rejected ones included; it is what is checkpointed. Records of a chunk that the [Part] already
// has are decoded, to count them, but neither prepared nor encoded; a [Skipper] does not even fetch
// those at the beginning of a unit. The encoder and the writer see groups: runs of whole documents
// of one chunk, as many as [Options].GroupTokens allow. Chunks and groups depend on the unit's
// records alone, so a resumed run gives the encoder the same batches as an undisturbed one, and the
// same floats come out. Results are placed by index: the number of workers never shows.
//
// # What goes wrong
//
// A bad record (a *schemas.Reject from the source) is a row of rejects. So is a task's error or
// panic on one document, under the task's name; the document's other rows stand. A document with
// more tokens than a group may have is not given to the encoder: its sentences stand and it has a
// row of rejects. A unit that cannot be read (*schemas.BadInputError) publishes nothing, stands in
// the [Report], and the run goes on. Everything else stops the run: the chunks that are written
// stay and are where the next run goes on. So does the end of the context, for which Run returns an
// error that wraps context.Cause. A panic of a source, encoder or sink is returned as a
// [PanicError].
package pipeline
