// Package generate lets a model that writes serve tasks, as BioGPT does (Luo et al., 2022;
// github.com/microsoft/BioGPT): it is shown a document and a soft prompt, and writes sentences of a
// fixed form, which are read back.
//
// # The sequence
//
//	</s> source learned1 … learnedN target </s>
//
// Source and target are texts, each cut into tokens by itself; learned1 to learnedN are rows of the
// token table that stand for no text and were learned (9 of them for relations and answers, 1 for
// types of documents). A source of more tokens than it may have is cut, and its last token becomes
// "...". A Template has the texts:
//
//	bc5cdr    title, a space (". " where no punctuation ends the title), abstract, in lower case
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
// The target is in lower case, and an entity is called by its longest name (as many bytes as any
// other, the first of these).
//
// # Reading
//
// Template.Read is careful: a name may hold " and " or " is " ("nausea and vomiting"), so of all
// ways to take a sentence apart the first counts in which both names stand in the document.
// Template.ReadAsPublished does what BioGPT's postprocess.py scripts do, which cut at the last "
// and ": for scores that are to be compared with published ones.
//
// Nothing is believed that the document does not say. A name must stand in the text (Anchors: word
// by word, without regard to case and white space; a long form and its abbreviation stand for each
// other), and its spans are those of the text. A sentence whose names do not, or that cannot be
// read, becomes a Reject with one of the Kinds below.
//
// # Scores
//
// The score of a relation or answer is the geometric mean of the probabilities that the model gave
// to the tokens of its sentence, in 0 to 1: how sure it was of an average token, given all that
// stands before. It is no probability of being right: calibrate it before use as one. A mention
// that was made here has the best score of its relations.
package generate

// Version is the version of this package's stages, [Relations] and [Answers]. Increase it with every
// change that can change a prompt, or a row of the same completion: results of another version are
// computed again.
const Version = 1

// The kinds of Reject.
const (
	KindNotInText  = "not-in-text"   // a name that the model wrote does not stand in the document
	KindUnreadable = "unreadable"    // no sentence of the template's form
	KindCutOff     = "cut-off"       // the text was as long as it may be before its last sentence ended
	KindUnknown    = "unknown-label" // a type or answer that the model is not to write
)

// Kinds returns the kinds of Reject that this package makes: mistakes of the model's, which say
// nothing against a record.
func Kinds() []string { return []string{KindNotInText, KindUnreadable, KindCutOff, KindUnknown} }
