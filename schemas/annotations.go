package schemas

// Annotations is all that the stages found in one document. Spans count bytes in Document.Text.
type Annotations struct {
	Sentences []Sentence // in text order; they tile each section
	Mentions  []Mention  // in text order; Mention.ID is the index
	Relations []Relation
	Summaries []Summary
	Answers   []Answer
	Rejects   []Reject // what a stage could not make a row of; the document's other rows stand
}

// Sentence is one sentence of one section.
type Sentence struct {
	Section int // index in Document.Sections
	Span
}

// Mention is a named entity where it stands in the text.
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
	Method       string // MethodHead, which empty stands for, or MethodGenerated
}

// Relation joins two mentions.
type Relation struct {
	Type            string // "CID", "Positive_Correlation", …
	Subject, Object int    // Mention.ID
	Sentence        int    // index in Annotations.Sentences, or -1 when the two stand in different sentences
	Score           float32
	Method          string // MethodHead or MethodGenerated
	Evidence        string // the sentence, or the generated clause, that carries it
}

// How a mention, a relation or a summary was made.
const (
	MethodHead      = "head"
	MethodExtracted = "extracted"
	MethodGenerated = "generated"
)

// Summary is a short text that carries the document's conclusion.
type Summary struct {
	Text      string
	Method    string  // MethodExtracted or MethodGenerated
	Sentences []int32 // the sentences it was taken from; empty when generated
	Score     float32
}

// Answer is a model's answer to one question about the document.
type Answer struct {
	QuestionID string
	Question   string
	Answer     string
	Score      float32
	Sentences  []int32 // the sentences it rests on; empty where that is not known
	Evidence   string  // their text
}

// Reject is something that could not become a row. It is also an error: a Source yields one for a
// bad record.
type Reject struct {
	PMID    PMID   // 0 where the record does not say
	Version int    // 0 where the record does not say
	Record  int    // position of the record in its unit, from 0
	Stage   string // "decode", "ner", "relations", …
	Kind    string // short and stable, for counting: "malformed-xml"
	Message string // one line for a person
}

// Error returns the message with its place.
func (r *Reject) Error() string { return r.Stage + ": " + r.Kind + ": " + r.Message }
