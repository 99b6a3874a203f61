// Package jobs is what people start: it builds the components that a request needs, runs them over
// a source, and keeps a corpus in step with PubMed's releases.
//
//	Build       the components of a request: stages, heads, trunk, generator
//	Configure   everything that can change a row, as the corpus records it
//	Parts       everything that can change the rows of one task, as digests
//	Run         a source, through the components, into a corpus
//	Sync        PubMed's baseline and update files, in order, into a corpus
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
// # Configuration and versions
//
// A row depends on the input and on the [corpus.Configuration] that [Configure] derives from the
// model, the tasks, the backend and the settings, and on nothing else. Every stage has a Version
// beside its code; the configuration holds the versions of the stages that the tasks use. A change
// that can change rows increments the version of its stage (or of package features, or
// schemas.Version), so that corpora are computed again. TestRowsAreVersioned keeps the rows of the
// sample and fails when they change while no version does.
package jobs
