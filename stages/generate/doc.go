// Package generate serves tasks with text that a language model generates, as BioGPT does (Luo et
// al., 2022; github.com/microsoft/BioGPT): the model gets a document and a soft prompt, and
// generates sentences of a fixed form, which are parsed.
//
// # The sequence
//
//	</s> source learned1 … learnedN target </s>
//
// Source and target are texts, each tokenized by itself. learned1 to learnedN are learned rows of
// the token table that are not tokens of any text (9 of them for relations and answers, 1 for types
// of documents). A source with too many tokens is cut, and its last token becomes "...". A Template
// has the texts:
//
//	bc5cdr    title, a space (". " if the title does not end in punctuation), abstract, lower case
//	          the relation between {subject} and {object} exists; …; ….
//	kd-dti    the same source
//	          the interaction between {subject} and {object} is {type}; …; ….
//	ddi       abstract in lower case
//	          as kd-dti
//	pubmedqa  question: {title} context: {abstract}
//	          the answer to the question given the context is {yes, no or maybe}.
//	hoc       title, a space, abstract
//	          the type of this document is {types}.
//
// The target is in lower case. An entity has its longest name: the first one of the most bytes.
//
// # Parsing
//
// A name may contain " and " or " is " ("nausea and vomiting"). So Template.Read tries all ways to
// split a sentence, and takes the first with two names that occur in the document.
// Template.ReadAsPublished does the same as BioGPT's postprocess.py scripts, which split at the
// last " and ": it is for scores that are compared with published ones.
//
// Only what the document contains is accepted. A name must occur in the text (Anchors: word by
// word, regardless of case and white space; a long form and its abbreviation are equivalent), and
// its spans are those of the text. A sentence with another name, or one that cannot be parsed,
// becomes a Reject of one of the kinds below.
//
// # Scores
//
// A question is asked only of the documents that address it (package topic); the probability of
// that is a factor of the score of the answer.
//
// The score of a relation or answer is the geometric mean of the probabilities that the model gave
// to the tokens of its sentence, from 0 to 1: its confidence in an average token, given all tokens
// before. It is not a calibrated probability of being correct. A mention that is made here has the
// best score of its relations.
package generate

// Version is the version of this package's stages, [Relations] and [Answers]. Increase it with
// every change that can change a prompt, or a row of the same completion: results of another
// version are computed again.
const Version = 3

// The kinds of Reject.
const (
	KindNotInText  = "not-in-text"   // a generated name does not occur in the document
	KindUnreadable = "unreadable"    // not a sentence of the template's form
	KindCutOff     = "cut-off"       // the text reached its maximum length before its last sentence ended
	KindUnknown    = "unknown-label" // a type or answer that is not one of the labels
)

// Kinds returns the kinds of Reject of this package. They are errors of the model, not of a record.
func Kinds() []string { return []string{KindNotInText, KindUnreadable, KindCutOff, KindUnknown} }
