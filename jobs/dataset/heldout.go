package dataset

import (
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"

	"github.com/pubmine/pubmine/schemas"
)

// HeldOut knows the documents that a model is measured on. Corpora share abstracts (BioRED's train
// part holds 44 documents of BC5CDR's dev part), so what is trained on must be compared with all of
// them.
type HeldOut struct {
	pmids  map[schemas.PMID]bool
	titles map[string]bool
}

// Hold remembers the documents of every example whose Split is not "train".
func NewHeldOut(examples []Example) HeldOut {
	h := HeldOut{pmids: map[schemas.PMID]bool{}, titles: map[string]bool{}}
	for i := range examples {
		if examples[i].Split != "train" {
			h.add(examples[i].Doc)
		}
	}
	return h
}

func (h HeldOut) add(d *schemas.Document) {
	if d.PMID != 0 {
		h.pmids[d.PMID] = true
	}
	if key := titleKey(d.Title()); key != "" {
		h.titles[key] = true
	}
}

// Has reports whether the document, or one of the same title, is held out.
func (h HeldOut) Has(d *schemas.Document) bool {
	return h.pmids[d.PMID] || h.titles[titleKey(d.Title())]
}

// Training returns the examples of the train parts that are not held out.
func (h HeldOut) Training(examples []Example) []Example {
	var kept []Example
	for _, e := range examples {
		if e.Split == "train" && !h.Has(e.Doc) {
			kept = append(kept, e)
		}
	}
	return kept
}

// Apart keeps what is learned from and what is measured on apart. Where there is nothing to measure
// on, that is a tenth of the documents, drawn by the seed. Every document of it, by identifier,
// title or text, is taken out of what is learned from.
func HoldOut(train, dev []Example, seed uint64) (learn, measure []Example) {
	measure = slices.Clone(dev)
	if len(dev) == 0 {
		random := rand.New(rand.NewPCG(seed, 8))
		n := max(1, len(train)/10)
		for i, k := range random.Perm(len(train)) {
			if i < n {
				measure = append(measure, train[k])
			}
		}
	}
	for i := range measure {
		measure[i].Split = "dev"
	}
	learn = NewHeldOut(measure).Training(train)
	learn = slices.DeleteFunc(learn, func(e Example) bool { // without PMID and with a short title: by the text
		return slices.ContainsFunc(
			measure, func(d Example) bool { return d.Doc == e.Doc || d.Doc.Text() == e.Doc.Text() },
		)
	})
	return learn, measure
}

// DevPMIDs returns the PubMed identifiers of all development parts of a library (see Load).
func DevPMIDs(dir string) (map[schemas.PMID]bool, error) {
	examples, _, err := Load(dir)
	if err != nil {
		return nil, err
	}
	return NewHeldOut(examples).pmids, nil
}

// Part returns the examples of one corpus and split.
func Select(examples []Example, corpus, split string) []Example {
	var kept []Example
	for _, e := range examples {
		if e.Corpus == corpus && e.Split == split {
			kept = append(kept, e)
		}
	}
	return kept
}

// titleKey is the letters and digits of a title in lower case; short titles ("Reply") identify
// nothing.
func titleKey(title string) string {
	key := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, title)
	if len(key) < 20 {
		return ""
	}
	return key
}
