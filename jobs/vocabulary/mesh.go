package vocabulary

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// meshRecord is a DescriptorRecord or a SupplementalRecord.
type meshRecord struct {
	DescriptorUI, SupplementalRecordUI     string
	DescriptorName, SupplementalRecordName struct{ String string }
	TreeNumberList                         struct{ TreeNumber []string }
	HeadingMappedToList                    struct {
		HeadingMappedTo []struct {
			DescriptorReferredTo struct{ DescriptorUI string }
		}
	}
	ConceptList struct {
		Concept []struct {
			TermList struct {
				Term []struct {
					Permuted string `xml:"IsPermutedTermYN,attr"`
					String   string
				}
			}
		}
	}
}

// readMeshXML reads descriptors and supplementary records.
func readMeshXML(in *input, s Source, _ []string, emit func(item)) error {
	decoder := xml.NewDecoder(in.r)
	fail := func(err error) error {
		line, _ := decoder.InputPos()
		return fmt.Errorf("%s: line %d: %w", in.path, line, err)
	}
	root := ""
	for {
		token, err := decoder.Token()
		if err == io.EOF && root != "" {
			return nil
		}
		if err != nil {
			return fail(err)
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
			continue
		case root == "":
			if root = start.Name.Local; root != "DescriptorRecordSet" && root != "SupplementalRecordSet" {
				return fail(fmt.Errorf("not MeSH XML: its root element is <%s>", root))
			}
			continue
		}
		var r meshRecord
		if err := decoder.DecodeElement(&r, &start); err != nil {
			return fail(err)
		}
		var x item
		x.ID = identifier(s.Prefix, r.DescriptorUI+r.SupplementalRecordUI)
		if x.ID == "" {
			return fail(errors.New("a record without an identifier"))
		}
		x.add(0, r.DescriptorName.String, r.SupplementalRecordName.String)
		for _, concept := range r.ConceptList.Concept {
			for _, term := range concept.TermList.Term {
				if term.Permuted != "Y" {
					x.add(0, term.String)
				}
			}
		}
		x.Trees = r.TreeNumberList.TreeNumber
		for _, h := range r.HeadingMappedToList.HeadingMappedTo {
			x.Parents = append(x.Parents, identifiers(s.Prefix, []string{h.DescriptorReferredTo.DescriptorUI})...)
		}
		emit(x)
	}
}

// readMeshASCII reads d20xx.bin and c20xx.bin: lines "MH = Aspirin" after a line "*NEWRECORD".
func readMeshASCII(in *input, s Source, _ []string, emit func(item)) error {
	var x *item
	flush := func() error {
		if x == nil {
			return nil
		}
		if x.ID == "" || len(x.Names) == 0 {
			return in.fail("the record before it has no UI, MH or NM")
		}
		emit(*x)
		return nil
	}
	err := in.each(func(line string) error {
		if line == "*NEWRECORD" {
			err := flush()
			x = &item{}
			return err
		}
		field, value, ok := strings.Cut(line, " = ")
		if line == "" || !ok && x != nil {
			return nil
		}
		if x == nil {
			return in.fail("not MeSH in ASCII: it does not begin with *NEWRECORD")
		}
		term, _, _ := strings.Cut(value, "|")
		switch field {
		case "UI":
			x.ID = identifier(s.Prefix, value)
		case "MH", "NM", "ENTRY", "PRINT ENTRY", "SY":
			x.add(0, term)
		case "MN":
			x.Trees = append(x.Trees, value)
		case "HM":
			heading, _, _ := strings.Cut(strings.TrimPrefix(term, "*"), "/")
			x.headings = append(x.headings, heading)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}
