// Package vocabulary builds the file of a vocabulary (package model/vocabulary) from a recipe,
// which lists sources in the forms in which they are published.
//
// A recipe is JSON; see Recipe and Source for its fields. Sources are read in their order. The
// first to name a concept gives its type and preferred name; later ones add names, parents and
// other identifiers. List the authority on an identifier first.
//
// Formats:
//
//	mesh-xml     NLM's desc20xx.xml and supp20xx.xml (nlm.nih.gov/mesh/xmlmesh.html)
//	mesh-ascii   NLM's d20xx.bin and c20xx.bin (nlm.nih.gov/mesh/filelist.html)
//	gene-info    NCBI's gene_info (ftp.ncbi.nlm.nih.gov/gene/DATA/README)
//	taxdump      NCBI's names.dmp, with nodes.dmp (taxdump_readme.txt beside them)
//	obo          OBO 1.2 and 1.4: terms, exact synonyms, alt_id, is_a (oboformat.org)
//	cellosaurus  cellosaurus.txt (its own header explains the lines)
//	tsv          one concept or one name a line; columns as in Columns
//
// All are UTF-8, plain or compressed with gzip.
package vocabulary

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Recipe describes a vocabulary.
type Recipe struct {
	Name        string   `json:"name"`
	Version     string   `json:"version"`
	Description string   `json:"description,omitempty"`
	Sources     []Source `json:"sources"`
}

// Source describes the file of a source, and what of it becomes part of the vocabulary.
type Source struct {
	Name        string `json:"name"`
	Version     string `json:"version,omitempty"`
	Date        string `json:"date,omitempty"`
	URL         string `json:"url,omitempty"`
	Licence     string `json:"licence"`
	Attribution string `json:"attribution"`

	File      string   `json:"file"` // relative to the directory of the sources
	Format    string   `json:"format"`
	Nodes     string   `json:"nodes,omitempty"`     // taxdump: the file nodes.dmp
	Columns   []string `json:"columns,omitempty"`   // tsv: see Columns; default: the first line
	Skip      int      `json:"skip,omitempty"`      // tsv: number of first lines to skip
	Separator string   `json:"separator,omitempty"` // tsv: between values in a column; default "|"

	Prefix  string     `json:"prefix,omitempty"`  // of identifiers without one, such as "MESH:"
	Type    string     `json:"type,omitempty"`    // of the concepts
	Types   []TreeType `json:"types,omitempty"`   // by tree number, also that of a parent; the first that fits counts
	Species string     `json:"species,omitempty"` // of all concepts: "NCBITaxon:9606"
	Adopt   []string   `json:"adopt,omitempty"`   // namespaces of cross-references to take the identifier from

	KnownOnly bool     `json:"known_only,omitempty"` // only concepts that an earlier source named
	Retire    bool     `json:"retire,omitempty"`     // an unknown concept whose name is known is a retired identifier
	OnlyTaxa  []string `json:"only_taxa,omitempty"`  // only genes of these taxa: "9606"
	OnlyKinds []string `json:"only_kinds,omitempty"` // only these types of genes or ranks of taxa: "protein-coding"
	MaxNumber int      `json:"max_number,omitempty"` // of identifiers of concepts with only one name
	Derive    bool     `json:"derive,omitempty"`     // taxa: add "E. coli" to "Escherichia coli"
	Invert    bool     `json:"invert,omitempty"`     // "Leukemia, Acute" becomes "Acute Leukemia"
	Symbols   bool     `json:"symbols,omitempty"`    // names without a space are symbols
	MaxLength int      `json:"max_length,omitempty"` // of names, in bytes
	LeaveOut  []string `json:"leave_out,omitempty"`  // names, in any case
	Except    string   `json:"except,omitempty"`     // regular expression: names to leave out
	ExceptID  string   `json:"except_id,omitempty"`  // regular expression: preferred names of concepts to leave out
}

// TreeType gives a type to the MeSH descriptors below a tree number. An empty Tree is all others.
type TreeType struct {
	Tree string `json:"tree"`
	Type string `json:"type"`
}

// Columns are the names of the columns of format tsv; "" is a column that is not read. All but id
// may have several values. A line that repeats an identifier adds to its concept.
var Columns = []string{"id", "name", "synonym", "symbol", "tree", "parent", "xref", "species", "kind", "retired", ""}

// ParseRecipe reads a recipe. An unknown field is an error.
func ParseRecipe(data []byte) (Recipe, error) {
	var r Recipe
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	if err := in.Decode(&r); err != nil {
		return r, fmt.Errorf("%w: see pubmine vocab build --help", err)
	}
	if !nameForm.MatchString(r.Name) || r.Version == "" {
		return r, fmt.Errorf("give it a name of letters, digits, '.', '_', '-', and a version")
	}
	if len(r.Sources) == 0 {
		return r, fmt.Errorf("it lists no sources")
	}
	for i := range r.Sources {
		if err := r.Sources[i].check(); err != nil {
			return r, fmt.Errorf("source %d (%s): %w", i+1, r.Sources[i].Name, err)
		}
	}
	return r, nil
}

var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func (s *Source) check() error {
	switch {
	case s.Name == "" || s.File == "":
		return fmt.Errorf("give it a name and a file")
	case s.Licence == "" || s.Attribution == "":
		return fmt.Errorf("give its licence and attribution: vocab info shows them to users")
	case readers[s.Format] == nil:
		return fmt.Errorf("format %q is unknown: use one of %s", s.Format, strings.Join(Formats(), ", "))
	case (s.Format == "taxdump") != (s.Nodes != ""):
		return fmt.Errorf("nodes (the file nodes.dmp) is for format taxdump, which needs it")
	case s.Type == "" && len(s.Types) == 0 && !s.KnownOnly:
		return fmt.Errorf("give its type (\"Chemical\"), or types by tree number")
	}
	for _, c := range s.Columns {
		if !slices.Contains(Columns, c) {
			return fmt.Errorf("column %q is unknown: use one of %s", c, strings.Join(Columns[:len(Columns)-1], ", "))
		}
	}
	if len(s.Columns) > 0 && !slices.Contains(s.Columns, "id") {
		return fmt.Errorf("no column is the id")
	}
	for _, pattern := range []string{s.Except, s.ExceptID} {
		if _, err := regexp.Compile(pattern); err != nil {
			return err
		}
	}
	return nil
}
