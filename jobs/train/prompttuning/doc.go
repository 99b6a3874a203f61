// Package prompttuning fine-tunes a causal model to generate the relations of a document or the
// answer to its question, as BioGPT was fine-tuned (Luo et al., 2022;
// github.com/microsoft/BioGPT, examples/*/train.sh). Package generate defines the texts.
//
// The token table gets a row for each soft token, after those of the vocabulary (42384 to 42392 in
// BioGPT); rows that exist already are fine-tuned. All parameters are trained. An example is
//
//	</s> source learned1 … learnedN target </s>
//
// and the loss is that of the target and the final </s>. (BioGPT's own code includes source and
// soft tokens, because its collate function joins them into one text; Options.Source does that.)
// Documents without a target are skipped, as BioGPT's authors do.
//
// An entity is represented by its longest name in the document (in characters; the first of these),
// in lower case. Relations are in the order of the corpus for template bc5cdr, and in the order of
// their subjects in the source for templates with relation types (rebuild_data.py).
//
// Measurements use the dev set, greedy decoding, and concepts instead of names:
//
//   - as published: names that the model generated, parsed by ReadAsPublished, stand for the
//     concepts that any document of the dev set gives them, or for "-1". This is BioGPT's
//     postprocess.py with its entities.json; relations are counted as sets of (document, subject,
//     object), as in BC5CDR.
//   - in the text: the relations of the stage of a run, whose names occur in the document. Rejected
//     ones are false positives.
package prompttuning
