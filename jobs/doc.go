// Package jobs is what people start: it builds the components that a request needs, runs them over
// a source, and keeps a corpus in step with PubMed's releases.
//
//	Build       the components of a request: stages, heads, trunk, generator
//	Configure   everything that can change a row, as the corpus records it
//	Parts       everything that can change the rows of one task, as digests
//	Run         a source, through the components, into a corpus
//	Sync        PubMed's baseline and update files, in order, into a corpus
//	PlanRun     what Run would do; PlanSync the same for Sync
//	Repair      what is damaged or lost in a corpus, from what is left and from the inputs
//
// The corpus directory is package corpus, results of earlier runs package reuse, the comparison of
// editions package diff, evaluation package eval, training package train.
//
// # Requests
//
// A [Request] names a model, tasks, a backend and questions. No tasks means all that the model
// serves, answers only where a question is asked; [NoTasks] alone means documents and sentences. A
// request that cannot be fulfilled is a [RequestError], before anything is opened or written.
//
// # Plans
//
// [PlanRun] and [PlanSync] announce a job. They go through the same code as the job: a corpus that
// is opened with corpus.Preview, and pipeline.Preview, which reads the inputs and asks for earlier
// results, but computes nothing. What they announce is therefore what the job does, as long as
// neither inputs nor corpus change. Nothing is written or downloaded; of files that are not on this
// machine only number and size are known.
//
// The time is measured: up to 128 of the documents that the model is to read, and up to 512 others,
// are computed with the components of the job, for some seconds, and their rows written to memory.
// Their times per character and per byte of rows, and the time of reading the inputs, give the time
// of the job; where processors are the limit, the work of all stages divided by their number. The
// size of the tables is that per document of the edition, once it has 1,000, and before that of the
// sample.
//
// # Configuration and versions
//
// A row depends on the input and on the [corpus.Configuration] that [Configure] derives from the
// model, the tasks, the backend and the settings, and on nothing else. Every stage has a Version
// beside its code; the configuration holds the versions of the stages that the tasks use. A change
// that can change rows increments the version of its stage (or of package features, or
// schemas.Version), so that corpora are computed again. TestRowsAreVersioned keeps the rows of the
// sample and fails when they change while no version does.
package jobs
