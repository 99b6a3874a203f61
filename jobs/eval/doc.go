// Package eval evaluates models on annotated documents. It runs the same pipeline as a run does:
// documents go in, rows come out, and the rows are compared with the gold annotations. Package
// score defines the measures.
//
// Relations are undirected here, as no training corpus has two relations that differ in direction
// alone. Only relation types that the gold annotations contain are counted, as a model may know
// more types: of a pair the most likely one, among the type and the alternatives of its relation.
// Two baselines need no model: every pair of entities that share an abstract, or a sentence, is
// related if the data relates their types (co-occurrence).
//
// Summaries are evaluated on structured abstracts with one section of conclusions. The headings are
// hidden from the model, and its sentences are compared with that section. For other abstracts
// there is no gold summary: [Examples] returns some for reading.
//
// Answers are evaluated on documents that have a question and an answer. No answer counts as a
// false negative. The question is the document's own, so it is asked however few of its words the
// document has; whether a run would answer it is measured beside it: [OnTopic].
//
// [LanguageModel] measures how well a language model predicts texts.
package eval
