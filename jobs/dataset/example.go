// Package dataset reads annotated and plain text to train and to measure on: what people bring
// (Read: a file or a folder, in whatever of the formats below it is), and the layouts of the public
// corpora that the bundled model learns from (Load).
//
// Every reader gives Examples. Whatever a corpus counts in (PubTator, ChemProt and JNLPBA count
// Unicode code points of title + " " + abstract), an Example's spans count bytes in Doc.Text(), and
// each mention's text was compared with the slice: one that differs is left out and counted in
// Stats.Dropped, or an error when the rules are strict. A document whose offsets only fit when read
// as bytes is read as bytes (three documents of GNormPlus).
//
// Types: a corpus says by its Rules which of its type names are which of ours, and Example.Types
// lists ours that it annotates throughout. A missing mention of any other type says nothing, so
// training must not count it as an error. Example.Masked holds spans that neither confirm nor deny
// a type: gene families, domains.
//
// Formats: PubTator (ncbi.nlm.nih.gov/research/pubtator, BC5CDR, NCBI-disease, BioRED, NLM-Gene,
// GNormPlus, tmVar3, SPECIES-800, Linnaeus), BioC in XML and in JSON (Comeau et al., 2013; PubTator
// 3), CoNLL columns (BC2GM), JSON lines (JNLPBA), PubMedQA's JSON, the JSON of BioGPT's authors,
// and the tables of ChemProt and DrugProt (BioCreative VI and VII).
//
// A mention that is made of several parts of the text has no span of its own: what it covers is
// masked.
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

// Example is a document with what annotators found in it.
type Example struct {
	Corpus, Split string // "bc5cdr", "dev"
	ID            string // as the corpus prints it; also in Doc.PMID where it is a PubMed identifier
	Doc           *schemas.Document

	// Gold holds Mentions in text order (ID is the index, Sentence is -1: nobody has split the text
	// yet, Concept is the corpus's own identifier) and Relations between them (Sentence -1).
	Gold   schemas.Annotations
	Masked []Masked // spans that say nothing about a type, in text order
	Types  []string // the entity types that the corpus annotates throughout, sorted

	// ConceptRelations are relations that the corpus states between concepts of the document.
	// Gold.Relations has each of them once, between the closest two mentions.
	ConceptRelations []ConceptRelation
	// Names are what the corpus calls the document's concepts without saying where they stand.
	// Mostly empty: mentions name them.
	Names []Name

	// Question is asked about the document, and Answer is what annotators say to it: "yes", "no",
	// "maybe". Mostly empty.
	Question, Answer string
	// Conclusions are those of the document's authors, where the document comes without them so
	// that the answer is not told.
	Conclusions string
}

// Masked is a span from which nothing can be learned about Type.
type Masked struct {
	schemas.Span
	Type string
}

// ConceptRelation joins two concepts of a document.
type ConceptRelation struct{ Type, A, B string }

// Stats counts what a reader met.
type Stats struct {
	Documents, Mentions, Relations int
	Masked                         int
	Dropped                        int            // mentions whose text is not at their offsets
	FirstDropped                   string         // what was wrong with the first of them
	Unmapped                       map[string]int // annotations of types that the rules leave out, by the corpus's name
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

// Annotates reports whether the corpus annotates the type throughout.
func (e *Example) Annotates(typ string) bool { return slices.Contains(e.Types, typ) }

// Concepts returns the identifiers of a mention: none when the annotators found none, several when
// it names several things at once ("breast or ovarian cancer"). A variant's identifier is never
// split: it contains the separators.
func Concepts(m schemas.Mention) []string {
	if m.Type == Variant {
		if m.Concept == "" {
			return nil
		}
		return []string{m.Concept}
	}
	return strings.FieldsFunc(m.Concept, func(r rune) bool { return strings.ContainsRune("|,;+", r) })
}

// Only returns the example as if the corpus annotated no more than the given types. Relations that
// lose a mention go too.
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
