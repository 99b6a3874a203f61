// Package pipeline runs the stages: from the units of a [Source] to the published tables of a
// [Sink].
//
//	          prepare                   infer                  finish
//	Source ─ decode, split, tokenize ─ trunk, generator ─ tasks, rows, checkpoint, commit ─ Sink
//	          many workers              one owner              many workers
//
// A task for which the model generates text is a [Prompter]: it makes prompts in the first stage;
// in the second the [Generator] continues those of a group, after the trunk.
//
// [Run] is one errgroup of three stages joined by unbuffered channels, so that at most three chunks
// are in memory: one being decoded and prepared, one in the encoder, one being finished. All
// goroutines are in run.go and finish.go; sources, stages and sink start none.
//
// # Units and chunks
//
// A unit is published all or nothing. A chunk is [Options].Chunk consecutive records of a unit,
// rejected ones included; it is the unit of checkpointing. Records of a chunk that the [UnitWriter]
// already has are decoded, to count them, but neither prepared nor encoded; a [Skipper] does not
// even fetch those at the beginning of a unit. Encoder and generator see groups: consecutive whole
// documents of one chunk, with at most [Options].GroupTokens tokens. Chunks and groups depend on
// the unit's records only, so a resumed run encodes the same batches as an undisturbed one and gets
// the same floats. Results are placed by index: the number of workers does not matter.
//
// Encoder and generator hand over results as they compute them. A document goes on to the third
// stage as soon as it and those before it are done and that stage waits for work.
//
// Where encoder and generator are [Exact], what else is in a group does not matter: every half
// minute, and when the run stops, the finished records of a chunk are kept by the [Keeper]. The
// next run continues within the chunk.
//
// # Reuse
//
// A [Reuser] knows results of earlier runs. It is asked once for each chunk, before the documents
// are prepared. A document for which it has the results of every task is neither prepared nor
// encoded. Otherwise the remaining tasks run on top of its results, and the document is encoded
// only if one of them reads states ([StateReader]). Groups then depend on the unit's records and on
// the reused results.
//
// # Preview
//
// [Preview] runs the first stage of a run, over a sink that keeps nothing, to announce what the run
// will do.
//
// # What goes wrong
//
// A bad record (a *schemas.Reject from the source) becomes a row of rejects. So does an error or
// panic of a task on one document, under the name of the task; the document keeps its other rows. A
// document with more tokens than a group may have is not encoded: it keeps its sentences and gets a
// row of rejects. A unit that cannot be read (*schemas.BadInputError) publishes nothing and is
// listed in the [Report]; the run continues. Every other error stops the run; the next run
// continues after the last checkpoint. So does the end of the context, for which Run returns an
// error that wraps context.Cause. A panic of a source, encoder or sink is returned as a
// [PanicError].
package pipeline
