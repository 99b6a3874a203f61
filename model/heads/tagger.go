package heads

import "fmt"

// Tagger finds the mentions of several entity types: the labels of its Linear are the tags of its
// CRF, type by type. It does not change after it is made, and is safe for concurrent use.
type Tagger struct {
	Types  []string // in the order of the chains
	Linear *Linear
	CRF    *CRF
	// Repeat is, for each type, the bonus for the score of a word that is part of a name found
	// elsewhere in the text. Nil means none.
	Repeat []float32
}

// NewTagger makes a Tagger of its parts and checks that they are consistent.
func NewTagger(types []string, linear *Linear, crf *CRF) (*Tagger, error) {
	t := &Tagger{Types: types, Linear: linear, CRF: crf}
	if err := linear.check(); err != nil {
		return nil, err
	}
	if err := crf.check(); err != nil {
		return nil, err
	}
	if len(types) != crf.Types || linear.Labels != crf.Types*tags {
		return nil, fmt.Errorf(
			"%d types for chains of %d types and a head of %d labels", len(types), crf.Types, linear.Labels,
		)
	}
	return t, nil
}
