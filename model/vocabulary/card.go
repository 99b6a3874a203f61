package vocabulary

import "fmt"

// Card describes a vocabulary. It is stored in the file, and readable without loading the rest.
type Card struct {
	Name        string         `json:"name"`
	Version     string         `json:"version"`
	Description string         `json:"description,omitempty"`
	Sources     []Source       `json:"sources"`
	Concepts    map[string]int `json:"concepts"` // number by type
	Names       map[string]int `json:"names"`    // number by type
	Retired     int            `json:"retired"`  // number of identifiers that lead to another one
}

// Source describes where concepts and names of a vocabulary come from.
type Source struct {
	Name        string `json:"name"`
	Version     string `json:"version,omitempty"`
	Date        string `json:"date,omitempty"`
	URL         string `json:"url,omitempty"`
	Licence     string `json:"licence"`
	Attribution string `json:"attribution"`
	Concepts    int    `json:"concepts"` // number that this source was the first to name
	Names       int    `json:"names"`    // number that this source was the first to give
	SHA256      string `json:"sha256,omitempty"`
}

// Kind describes a name within its concept.
type Kind uint8

// The kinds of names, which may be combined.
const (
	Preferred Kind = 1 << iota // the name that stands for the concept
	Symbol                     // a short name such as a gene symbol, in which case matters
	Derived                    // made by a rule, such as "E. coli" from "Escherichia coli"
)

func (k Kind) String() string {
	switch {
	case k&Preferred != 0 && k&Symbol != 0:
		return "preferred symbol"
	case k&Preferred != 0:
		return "preferred name"
	case k&Derived != 0:
		return "derived name"
	case k&Symbol != 0:
		return "symbol"
	}
	return "synonym"
}

// Total sums numbers by type.
func Total(byType map[string]int) int {
	n := 0
	for _, x := range byType {
		n += x
	}
	return n
}

// ID names a vocabulary in a configuration: its name and the first digits of its checksum.
func (v *Vocabulary) ID() string { return fmt.Sprintf("%s@%s", v.Card.Name, v.SHA256[:12]) }
