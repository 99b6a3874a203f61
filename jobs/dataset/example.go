// Package dataset reads annotated documents and plain texts, to train and to evaluate on: those
// that users bring, in any of the formats below (Read, ReadUser, ReadTexts), and the public corpora
// that the bundled model is trained on (Load).
//
// Every reader returns Examples. Spans are in bytes of Doc.Text(), whatever the offsets of a format
// count (PubTator, ChemProt and JNLPBA count Unicode code points of title + " " + abstract). The
// text of each mention is compared with the slice: a mention that differs is left out and counted
// in Stats.Dropped, or it is an error if Rules.Strict is set. A document whose offsets only match
// as bytes is read so (three documents of GNormPlus).
//
// Types: Rules map the type names of a corpus to ours, and Example.Types lists those of our types
// that the corpus annotates exhaustively. A missing mention of another type means nothing, so
// training must not count it as an error. Example.Masked holds spans that neither confirm nor deny
// a type: gene families, domains.
//
// Formats: PubTator (ncbi.nlm.nih.gov/research/pubtator; BC5CDR, NCBI-disease, BioRED, NLM-Gene,
// GNormPlus, tmVar3, SPECIES-800, Linnaeus), BioC in XML and in JSON (Comeau et al., 2013; PubTator
// 3), CoNLL columns (BC2GM), JSON lines (JNLPBA), PubMedQA's JSON, the JSON of BioGPT's authors,
// and the tables of ChemProt and DrugProt (BioCreative VI and VII).
//
// A discontinuous mention has no span: the range that it covers is masked.
package dataset

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// The entity types of pubmine.
const (
	Chemical = "Chemical"
	Disease  = "Disease"
	Gene     = "Gene"
	Species  = "Species"
	Variant  = "Variant"
	CellLine = "CellLine"
)

// Example is a document with gold annotations.
type Example struct {
	Corpus, Split string // "bc5cdr", "dev"
	ID            string // as in the corpus; also Doc.PMID if it is a PubMed identifier
	Doc           *schemas.Document

	// Gold holds Mentions in text order (ID is the index, Sentence is -1, Concept is the identifier
	// in the corpus) and Relations between them (Sentence is -1).
	Gold   schemas.Annotations
	Masked []Masked // in text order
	Types  []string // entity types that the corpus annotates exhaustively, sorted

	// ConceptRelations are the gold relations between concepts of the document. Gold.Relations has
	// each of them once, between the closest two mentions.
	ConceptRelations []ConceptRelation
	// Names are names of the document's concepts without offsets. Mostly empty: mentions have both.
	Names []Name

	// Question is a question about the document, and Answer its gold answer: "yes", "no" or
	// "maybe". Mostly empty.
	Question, Answer string
	// Labels are the classes of the document, sorted: empty for a document that belongs to none of
	// them, nil for one that is not labelled.
	Labels []string
	// Conclusions are the authors' conclusions where Doc lacks them, as they contain the answer.
	Conclusions string
}

// Masked is a span that neither confirms nor denies Type.
type Masked struct {
	schemas.Span
	Type string
}

// ConceptRelation joins two concepts of a document.
type ConceptRelation struct{ Type, A, B string }

// Stats counts the contents of files.
type Stats struct {
	Documents, Mentions, Relations int
	Masked                         int
	Dropped                        int            // mentions whose text is not at their offsets
	FirstDropped                   string         // the error of the first of them
	Unmapped                       map[string]int // annotations of types that the rules leave out, by type name
}

// Add adds the counts of o.
func (s *Stats) Add(o Stats) {
	s.Documents += o.Documents
	s.Mentions += o.Mentions
	s.Relations += o.Relations
	s.Masked += o.Masked
	s.Dropped += o.Dropped
	s.FirstDropped = cmp.Or(s.FirstDropped, o.FirstDropped)
	for name, n := range o.Unmapped {
		s.unmapped(name, n)
	}
}

func (s *Stats) unmapped(name string, n int) {
	if s.Unmapped == nil {
		s.Unmapped = map[string]int{}
	}
	s.Unmapped[name] += n
}

func (s *Stats) drop(why string) {
	s.Dropped++
	s.FirstDropped = cmp.Or(s.FirstDropped, why)
}

// Annotates reports whether the corpus annotates the type exhaustively.
func (e *Example) Annotates(typ string) bool { return slices.Contains(e.Types, typ) }

// Concepts returns the identifiers of a mention. A composite mention has several ("breast or
// ovarian cancer"). The identifier of a variant is never split, as it contains the separators.
func Concepts(m schemas.Mention) []string {
	if m.Type == Variant {
		if m.Concept == "" {
			return nil
		}
		return []string{m.Concept}
	}
	return strings.FieldsFunc(m.Concept, func(r rune) bool { return strings.ContainsRune("|,;+", r) })
}

// Only returns the example as if the corpus annotated only the given types. Relations that lose a
// mention are removed.
func (e Example) Only(types ...string) Example {
	e.Types = slices.DeleteFunc(slices.Clone(e.Types), func(t string) bool { return !slices.Contains(types, t) })
	e.Masked = slices.DeleteFunc(slices.Clone(e.Masked), func(m Masked) bool { return !slices.Contains(types, m.Type) })
	renumbered := map[int]int{}
	var kept []schemas.Mention
	for _, m := range e.Gold.Mentions {
		if slices.Contains(types, m.Type) {
			renumbered[m.ID] = len(kept)
			m.ID = len(kept)
			kept = append(kept, m)
		}
	}
	var relations []schemas.Relation
	for _, r := range e.Gold.Relations {
		subject, ok1 := renumbered[r.Subject]
		object, ok2 := renumbered[r.Object]
		if ok1 && ok2 {
			r.Subject, r.Object = subject, object
			relations = append(relations, r)
		}
	}
	e.Gold.Mentions, e.Gold.Relations = kept, relations
	return e
}
