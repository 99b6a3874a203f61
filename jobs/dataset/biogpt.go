package dataset

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// Name is a name of a concept in a document, without offsets.
type Name struct{ Type, Text, Concept string }

// biogptNoConcept is the identifier of a name without a concept.
const biogptNoConcept = "-1"

// BioGPT reads the JSON that BioGPT was fine-tuned on, {"PMID": {"title", "abstract", …}}, in the
// order of the file. A document has either
//
//	BC5CDR, of type CID: "relations": [{"chemical": id, "disease": id}],
//	                     "chemical2id": {name: id}, "disease2id": {name: id}
//	KD-DTI and DDI:      "triples": [{"drug": name, "target": name, "interaction": type}]
//
// The concept of a drug or target is its name in lower case. If all interactions are those of DDI
// (advise, effect, int, mechanism) the targets are chemicals, otherwise genes. There are no offsets
// and so no mentions: the names are in Example.Names.
func BioGPT(r io.Reader, rules Rules) ([]Example, Stats, error) {
	var stats Stats
	var examples []Example
	err := eachMember(json.NewDecoder(r), func(pmid string, in *json.Decoder) error {
		var d biogptDocument
		if err := in.Decode(&d); err != nil {
			return fmt.Errorf("document %s: %w", pmid, err)
		}
		e, err := d.example(pmid, rules)
		if err != nil {
			return fmt.Errorf("document %s: %w", pmid, err)
		}
		examples = append(examples, e)
		stats.Documents++
		stats.Relations += len(e.ConceptRelations)
		return nil
	})
	if err != nil {
		return nil, stats, fmt.Errorf("BioGPT's JSON: %w", err)
	}
	if !slices.ContainsFunc(examples, func(e Example) bool { return slices.ContainsFunc(e.Names, isTarget) }) {
		return examples, stats, nil
	}
	return withGenes(examples), stats, nil
}

// eachMember calls do with the name of every member of an object, in order; do reads the value.
func eachMember(in *json.Decoder, do func(name string, in *json.Decoder) error) error {
	if token, err := in.Token(); err != nil || token != json.Delim('{') {
		return errors.Join(errors.New("want an object"), err)
	}
	for in.More() {
		token, err := in.Token()
		if err != nil {
			return err
		}
		if err := do(fmt.Sprint(token), in); err != nil {
			return err
		}
	}
	_, err := in.Token()
	return err
}

// biogptDocument is a document in the file.
type biogptDocument struct {
	Title     string `json:"title"`
	Abstract  string `json:"abstract"`
	Relations []struct {
		Chemical string `json:"chemical"`
		Disease  string `json:"disease"`
	} `json:"relations"`
	Chemicals biogptNames `json:"chemical2id"`
	Diseases  biogptNames `json:"disease2id"`
	Triples   []struct {
		Drug        string `json:"drug"`
		Target      string `json:"target"`
		Interaction string `json:"interaction"`
	} `json:"triples"`
}

// biogptNames are the members of an object, in order.
type biogptNames []Name

// UnmarshalJSON reads {name: id}.
func (n *biogptNames) UnmarshalJSON(data []byte) error {
	return eachMember(json.NewDecoder(strings.NewReader(string(data))), func(name string, in *json.Decoder) error {
		var id string
		err := in.Decode(&id)
		*n = append(*n, Name{Text: name, Concept: id})
		return err
	})
}

func (d *biogptDocument) example(pmid string, rules Rules) (Example, error) {
	doc := &schemas.Document{Version: 1, Sections: []schemas.Section{{Kind: schemas.KindTitle, Text: d.Title}}}
	if d.Abstract != "" {
		doc.Sections = append(doc.Sections, schemas.Section{Kind: schemas.KindAbstract, Text: d.Abstract})
	}
	if id, err := strconv.ParseUint(pmid, 10, 32); err == nil {
		doc.PMID = schemas.PMID(id)
	}
	e := Example{Corpus: rules.Corpus, Split: rules.Split, ID: pmid, Doc: doc}
	for _, list := range []struct {
		typ   string
		names biogptNames
	}{{Chemical, d.Chemicals}, {Disease, d.Diseases}} {
		for _, n := range list.names {
			if n.Type = list.typ; n.Concept == biogptNoConcept {
				n.Concept = ""
			}
			e.Names = append(e.Names, n)
		}
	}
	for _, r := range d.Relations {
		e.ConceptRelations = append(e.ConceptRelations, ConceptRelation{Type: "CID", A: r.Chemical, B: r.Disease})
	}
	for _, x := range d.Triples {
		drug, target := strings.ToLower(x.Drug), strings.ToLower(x.Target)
		if drug == "" || target == "" || x.Interaction == "" {
			return e, errors.New(`a triple lacks its "drug", "target" or "interaction"`)
		}
		e.name(Name{Chemical, x.Drug, drug})
		typ := targetType
		if slices.Contains([]string{"advise", "effect", "int", "mechanism"}, x.Interaction) {
			typ = Chemical
		}
		e.name(Name{typ, x.Target, target})
		e.ConceptRelations = append(e.ConceptRelations, ConceptRelation{Type: x.Interaction, A: drug, B: target})
	}
	return e, nil
}

// name adds a name once.
func (e *Example) name(n Name) {
	if !slices.Contains(e.Names, n) {
		e.Names = append(e.Names, n)
	}
}

// targetType is the type of targets until all interactions are known.
const targetType = "target"

func isTarget(n Name) bool { return n.Type == targetType }

// withGenes makes every target a gene, also of interactions that DDI has.
func withGenes(examples []Example) []Example {
	for i := range examples {
		for _, r := range examples[i].ConceptRelations {
			for k, n := range examples[i].Names {
				if n.Concept == r.B && (n.Type == targetType || n.Type == Chemical) {
					examples[i].Names[k].Type = Gene
				}
			}
		}
	}
	return examples
}
