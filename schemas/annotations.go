package schemas

// Annotations are the results of the stages for one document. Spans count bytes of Document.Text.
type Annotations struct {
	Sentences []Sentence // in text order; they tile each section
	Mentions  []Mention  // in text order; Mention.ID is the index
	Relations []Relation
	Summaries []Summary
	Answers   []Answer
	Labels    []Label
	Vector    []float32 // of length 1 (L2); nil if there is none
	Rejects   []Reject  // failures of stages; the document's other rows are kept
}

// Sentence is one sentence of one section.
type Sentence struct {
	Section int // index in Document.Sections
	Span
}

// Mention is an occurrence of a named entity in the text.
type Mention struct {
	ID       int // unique within the document
	Section  int // index in Document.Sections
	Sentence int // index in Annotations.Sentences
	Span
	Type         string  // "Chemical", "Disease", "Gene", "Species", "Variant", "CellLine"
	Score        float32 // the model's probability, 0 to 1
	Concept      string  // "MESH:D001241", or empty
	ConceptName  string
	ConceptScore float32
	Method       string // MethodHead or MethodGenerated; empty means MethodHead
}

// Relation joins two mentions.
type Relation struct {
	Type            string // "CID", "Positive_Correlation", …
	Subject, Object int    // Mention.ID
	Sentence        int    // index in Annotations.Sentences, or -1 if the mentions are in different sentences
	Score           float32
	Alternatives    []Alternative // other types of the pair, the most likely one first
	Certainty       string        // Asserted, Negated or Speculative; empty means Asserted
	Method          string        // MethodHead or MethodGenerated
	// Evidence is the sentence of both mentions, or both sentences in text order, with a space
	// between them if they follow each other and EvidenceGap if not. For MethodGenerated it is the
	// clause that was generated.
	Evidence string
}

// Alternative is another type that a relation may have.
type Alternative struct {
	Type  string
	Score float32
}

// EvidenceGap stands in Relation.Evidence for the sentences between those of the mentions.
const EvidenceGap = " … "

// The values of Relation.Certainty: how the sentence with both mentions states the relation.
const (
	Asserted    = "asserted"
	Negated     = "negated"     // denied: "X did not cause Y"
	Speculative = "speculative" // considered: "X may cause Y", "whether X causes Y"
)

// The methods by which mentions, relations and summaries are made.
const (
	MethodHead      = "head"      // a head scored the text
	MethodExtracted = "extracted" // sentences of the document
	MethodGenerated = "generated" // a language model generated text
)

// Summary is a short text that states the document's conclusion.
type Summary struct {
	Text      string
	Method    string  // MethodExtracted or MethodGenerated
	Sentences []int32 // indexes of the sentences it consists of; empty if it was generated
	Score     float32
}

// Answer is a model's answer to one question about the document.
type Answer struct {
	QuestionID string
	Question   string
	Answer     string
	Score      float32
	Sentences  []int32 // indexes of the sentences that support it; empty if they are not known
	Evidence   string  // their text
}

// Label is a class of the document.
type Label struct {
	Name  string
	Score float32 // the model's probability, 0 to 1
}

// Reject is a record or an annotation that could not become a row. It is also an error: a
// pipeline.Source yields one for a bad record.
type Reject struct {
	PMID    PMID   // 0 if it is not known
	Version int    // 0 if it is not known
	Record  int    // position of the record in its unit, from 0
	Stage   string // "decode", a task, …
	Kind    string // short and stable, for counting: "malformed-xml"
	Message string // one line for people
}

// Error returns stage, kind and message.
func (r *Reject) Error() string { return r.Stage + ": " + r.Kind + ": " + r.Message }
