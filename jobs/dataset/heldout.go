package dataset

import (
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"

	"github.com/pubmine/pubmine/schemas"
)

// HeldOut is the set of documents that a model is evaluated on. Corpora share abstracts (BioRED's
// train set has 44 documents of BC5CDR's dev set), so training data must be checked against all of
// them.
type HeldOut struct {
	pmids  map[schemas.PMID]bool
	titles map[string]bool
}

// NewHeldOut returns the documents of the examples whose Split is not "train".
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

// Has reports whether the document, or one with the same title, is held out.
func (h HeldOut) Has(d *schemas.Document) bool {
	return h.pmids[d.PMID] || h.titles[titleKey(d.Title())]
}

// Training returns the examples of train sets that are not held out.
func (h HeldOut) Training(examples []Example) []Example {
	var kept []Example
	for _, e := range examples {
		if e.Split == "train" && !h.Has(e.Doc) {
			kept = append(kept, e)
		}
	}
	return kept
}

// HoldOut separates the dev set from the train set: documents of the dev set, by identifier, title
// or text, are removed from the train set. Without a dev set, a tenth of the train set is drawn.
func HoldOut(train, dev []Example, seed uint64) (trainSet, devSet []Example) {
	devSet = slices.Clone(dev)
	if len(dev) == 0 {
		random := rand.New(rand.NewPCG(seed, 8))
		n := max(1, len(train)/10)
		for i, k := range random.Perm(len(train)) {
			if i < n {
				devSet = append(devSet, train[k])
			}
		}
	}
	for i := range devSet {
		devSet[i].Split = "dev"
	}
	trainSet = slices.DeleteFunc(NewHeldOut(devSet).Training(train), func(e Example) bool {
		return slices.ContainsFunc(devSet, func(d Example) bool { // without a PMID or a long title
			return d.Doc == e.Doc || d.Doc.Text() == e.Doc.Text()
		})
	})
	return trainSet, devSet
}

// Select returns the examples of one corpus and split.
func Select(examples []Example, corpus, split string) []Example {
	var kept []Example
	for _, e := range examples {
		if e.Corpus == corpus && e.Split == split {
			kept = append(kept, e)
		}
	}
	return kept
}

// titleKey returns the letters and digits of a title in lower case, "" for short titles ("Reply"),
// which many documents share.
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
