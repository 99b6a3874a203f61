// Package pipelinetest holds small deterministic stand-ins for every part of a run, and the
// conformance suites of sources ([RunSource]) and sinks ([RunSink]).
//
// The stand-ins do real, if silly, work: [Preparer] splits at full stops and spaces, [Encoder]
// hashes tokens into states that depend on the whole batch, so that a test notices when a resumed
// run batches differently, and [Task] marks capitalized words, with scores read off the states.
package pipelinetest
