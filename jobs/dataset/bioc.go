package dataset

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// BioCXML reads a BioC collection in XML.
func BioCXML(r io.Reader, rules Rules) ([]Example, Stats, error) {
	b := biocReader{rules: rules}
	in := xml.NewDecoder(r)
	in.CharsetReader = func(charset string, r io.Reader) (io.Reader, error) {
		if c := strings.ToUpper(charset); c == "ASCII" || c == "US-ASCII" {
			return r, nil
		}
		return nil, fmt.Errorf("it is encoded in %s: convert it to UTF-8", charset)
	}
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, b.stats, fmt.Errorf("BioC XML byte %d: %w", in.InputOffset(), err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "document" {
			continue
		}
		var d biocDocument
		if err := in.DecodeElement(&d, &start); err != nil {
			return nil, b.stats, fmt.Errorf("BioC XML byte %d: %w", in.InputOffset(), err)
		}
		if err := b.add(&d); err != nil {
			return nil, b.stats, fmt.Errorf("BioC XML, before byte %d: %w", in.InputOffset(), err)
		}
	}
	return b.done()
}

// BioCJSON reads BioC in JSON: a collection {"documents": […]}, PubTator 3's {"PubTator3": […]}, a
// sequence of documents, or arrays of any of these.
func BioCJSON(r io.Reader, rules Rules) ([]Example, Stats, error) {
	b := biocReader{rules: rules}
	in := json.NewDecoder(r)
	for {
		var v biocValue
		if err := in.Decode(&v); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, b.stats, fmt.Errorf("BioC JSON byte %d: %w", in.InputOffset(), err)
		}
		for i := range v {
			if err := b.add(&v[i]); err != nil {
				return nil, b.stats, fmt.Errorf("BioC JSON, before byte %d: %w", in.InputOffset(), err)
			}
		}
	}
	return b.done()
}

// biocValue is the documents of one JSON value.
type biocValue []biocDocument

// UnmarshalJSON reads any of the forms that BioCJSON accepts.
func (v *biocValue) UnmarshalJSON(data []byte) error {
	if data[0] == '[' {
		var items []biocValue
		if err := json.Unmarshal(data, &items); err != nil {
			return err
		}
		for _, i := range items {
			*v = append(*v, i...)
		}
		return nil
	}
	var collection struct {
		Documents, PubTator3 []biocDocument
		Passages             json.RawMessage
	}
	if err := json.Unmarshal(data, &collection); err != nil {
		return err
	}
	if collection.Passages == nil {
		*v = append(collection.Documents, collection.PubTator3...)
		return nil
	}
	*v = make(biocValue, 1)
	return json.Unmarshal(data, &(*v)[0])
}

// biocDocument is a BioC document. Offsets count from the beginning of the document, in code
// points, bytes or UTF-16 units: the unit is inferred (biocUnit).
type biocDocument struct {
	ID          Identifier       `xml:"id"`
	Passages    []biocPassage    `xml:"passage"`
	Annotations []biocAnnotation `xml:"annotation"`
	Relations   []biocRelation   `xml:"relation"`
}

type biocPassage struct {
	Infons      infons           `xml:"infon"`
	Offset      int              `xml:"offset"`
	Text        string           `xml:"text"`
	Sentences   []biocPassage    `xml:"sentence"`
	Annotations []biocAnnotation `xml:"annotation"`
	Relations   []biocRelation   `xml:"relation"`
}

type biocAnnotation struct {
	ID        Identifier `xml:"id,attr"`
	Infons    infons     `xml:"infon"`
	Text      string     `xml:"text"`
	Locations []struct {
		Offset int `xml:"offset,attr"`
		Length int `xml:"length,attr"`
	} `xml:"location"`
}

type biocRelation struct {
	ID     Identifier `xml:"id,attr"`
	Infons infons     `xml:"infon"`
	Nodes  []struct {
		RefID Identifier `xml:"refid,attr"`
		Role  string     `xml:"role,attr"`
	} `xml:"node"`
}

// infons are the keys and values of an element.
type infons map[string]string

// UnmarshalXML reads one infon.
func (f *infons) UnmarshalXML(in *xml.Decoder, start xml.StartElement) error {
	var value string
	if err := in.DecodeElement(&value, &start); err != nil {
		return err
	}
	if *f == nil {
		*f = infons{}
	}
	for _, a := range start.Attr {
		if a.Name.Local == "key" {
			(*f)[a.Value] = value
		}
	}
	return nil
}

// UnmarshalJSON reads all infons. An object as a value is replaced by its identifier.
func (f *infons) UnmarshalJSON(data []byte) error {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(data, &values); err != nil {
		return fmt.Errorf("infons: %w", err)
	}
	*f = infons{}
	for key, raw := range values {
		var value any
		if err := json.Unmarshal(raw, &value); err != nil {
			return fmt.Errorf("infon %s: %w", key, err)
		}
		if object, ok := value.(map[string]any); ok {
			value = object["identifier"]
		}
		switch value := value.(type) {
		case nil:
		case string:
			(*f)[key] = value
		default:
			(*f)[key] = fmt.Sprint(value)
		}
	}
	return nil
}

// first returns the first value that is not empty.
func (f infons) first(keys ...string) string {
	for _, k := range keys {
		if f[k] != "" {
			return f[k]
		}
	}
	return ""
}

// concept returns the identifier of an annotation; the key depends on the corpus.
func (f infons) concept() string {
	return concept(
		f.first(
			"identifier", "Identifier", "MESH", "OMIM", "NCBI GENE", "NCBI Gene", "NCBI Homologene", "Rs",
			"concept", "id",
		),
	)
}

// ends returns the concepts that a relation joins.
func (f infons) ends(types map[string]string) (a, b string, ok bool) {
	for _, keys := range [][2]string{
		{"entity1", "entity2"}, {"role1", "role2"}, {"Chemical", "Disease"}, {"subject", "object"},
		{"Arg1", "Arg2"}, {"Gene1", "Gene2"},
	} {
		if f[keys[0]] != "" && f[keys[1]] != "" {
			return untyped(f[keys[0]], types), untyped(f[keys[1]], types), true
		}
	}
	return "", "", false
}

// untyped returns "MESH:D008274" of "Chemical|MESH:D008274".
func untyped(end string, types map[string]string) string {
	if typ, rest, ok := strings.Cut(end, "|"); ok && types[typ] != "" {
		return rest
	}
	return end
}

// label returns the heading of a passage.
func (p *biocPassage) label() string {
	switch l := strings.ToUpper(cmp.Or(p.Infons["label"], p.Infons["section_type"])); l {
	case "TITLE", "ABSTRACT", "FRONT", "PARAGRAPH":
		return ""
	case "CONCL":
		return "CONCLUSIONS"
	default:
		return l
	}
}
