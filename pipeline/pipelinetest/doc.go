// Package pipelinetest provides small deterministic fakes of every part of a run, and the
// conformance suites of sources ([RunSource]) and sinks ([RunSink]).
//
// The fakes do simple but real work: [Preparer] splits at full stops and spaces, [Encoder] hashes
// tokens into states that depend on the whole batch, so that a test notices when a resumed run
// batches differently, and [Task] marks capitalized words, with scores from the states.
package pipelinetest
