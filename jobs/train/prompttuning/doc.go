// Package prompttuning fine-tunes a model that writes so that it serves a task by writing, as
// BioGPT was fine-tuned (Luo et al., 2022; github.com/microsoft/BioGPT, examples/*/train.sh).
// Package generated says what the texts are.
//
// The token table gets a row for every soft token, after those of the vocabulary (42384 to 42392 in
// BioGPT); rows that a table has there already are gone on with. All parameters are learned. An
// example is
//
//	</s> source learned1 … learnedN target </s>
//
// and the loss is that of the target and the </s> behind it. (BioGPT's own code predicts source and
// soft tokens, too, as its collate makes one text of all: Options.Source does that.) Documents
// without an answer, or without relations of the wanted types, are left out, as BioGPT's authors
// do.
//
// An entity is called by its longest name in the document (in characters; the first of these), in
// lower case. Relations stand in the corpus's order for bc5cdr, and in that of their subjects in
// the source for templates that write types: rebuild_data.py.
//
// Measures are of the development documents, greedily decoded, with concepts in place of names:
//
//	as published   names that the model wrote, taken apart by ReadAsPublished, stand for the concepts that any document of the
//	               development part gives them, or for "-1": BioGPT's postprocess.py with its entities.json, and sets of
//	               (document, subject, object), as BC5CDR is scored
//	in the text    what the stage of a run finds, whose names stand in the document; what it rejects is wrong, too
package prompttuning
