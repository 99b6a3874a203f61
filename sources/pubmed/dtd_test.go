package pubmed

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dtd is what a DTD declares, as far as TestEveryElement asks.
type dtd struct {
	children   map[string][]string // in the order of the content model
	text       map[string]bool     // the element may hold character data
	attributes map[string][]declared
}

// declared is an attribute. Without values it may hold anything.
type declared struct {
	name   string
	values []string
}

// parseDTD reads the declarations of pubmed_250101.dtd, which uses parameter entities for nothing
// but to abbreviate.
func parseDTD(source string) dtd {
	source = regexp.MustCompile(`(?s)<!--.*?-->`).ReplaceAllString(source, "")
	for _, entity := range regexp.MustCompile(
		`(?s)<!ENTITY\s+%\s+(\S+)\s+"([^"]*)"\s*>`,
	).FindAllStringSubmatch(source, -1) {
		source = strings.ReplaceAll(source, "%"+entity[1]+";", entity[2])
	}
	d := dtd{map[string][]string{}, map[string]bool{}, map[string][]declared{}}
	name := regexp.MustCompile(`#?[A-Za-z][A-Za-z:]*`)
	for _, m := range regexp.MustCompile(`(?s)<!ELEMENT\s+(\S+)\s+(.*?)>`).FindAllStringSubmatch(source, -1) {
		d.children[m[1]] = nil
		for _, child := range name.FindAllString(m[2], -1) {
			if child == "#PCDATA" {
				d.text[m[1]] = true
			} else if !slices.Contains(d.children[m[1]], child) {
				d.children[m[1]] = append(d.children[m[1]], child)
			}
		}
	}
	attribute := regexp.MustCompile(`(?s)([A-Za-z]+)\s+(\([^)]*\)|[A-Z]+)\s+(?:#FIXED\s+)?(#REQUIRED|#IMPLIED|"[^"]*")`)
	for _, m := range regexp.MustCompile(`(?s)<!ATTLIST\s+(\S+)\s+(.*?)>`).FindAllStringSubmatch(source, -1) {
		for _, a := range attribute.FindAllStringSubmatch(m[2], -1) {
			var values []string
			if strings.HasPrefix(a[2], "(") {
				values = regexp.MustCompile(`[^\s()|]+`).FindAllString(a[2], -1)
			}
			d.attributes[m[1]] = append(d.attributes[m[1]], declared{a[1], values})
		}
	}
	return d
}

// inline are the elements inside running text.
var inline = []string{"b", "i", "sup", "sub", "u", "mml:math", "DispFormula"}

// paths returns the path of every element that may stand below the last of a path, itself included.
// What may nest in itself is followed one time.
func (d dtd) paths(path []string) [][]string {
	all := [][]string{slices.Clone(path)}
	last := path[len(path)-1]
	if slices.Contains(inline, last) {
		return all
	}
	for _, child := range d.children[last] {
		twice := 0
		for _, name := range path {
			if name == child {
				twice++
			}
		}
		if twice < 2 {
			all = append(all, d.paths(append(slices.Clone(path), child))...)
		}
	}
	return all
}

// value is a content that the element may have, one of two.
func value(element string, second bool) string {
	pair, ok := map[string][2]string{
		"Year": {"1987", "1988"}, "Month": {"05", "06"}, "Day": {"03", "04"}, "Season": {"Spring", "Summer"},
		"MedlineDate": {"1998 Dec-1999 Jan", "1997"}, "Version": {"2", "3"},
	}[element]
	if !ok {
		pair = [2]string{"123451", "123462"}
	}
	if second {
		return pair[1]
	}
	return pair[0]
}

// open is a start tag with all attributes at their first values, but for one.
func (d dtd) open(element, attribute, v string) string {
	tag := "<" + element
	for _, a := range d.attributes[element] {
		switch {
		case a.name == attribute && v == "":
		case a.name == attribute:
			tag += " " + a.name + `="` + v + `"`
		case len(a.values) > 0:
			tag += " " + a.name + `="` + a.values[0] + `"`
		default:
			tag += " " + a.name + `="` + value(a.name, false) + `"`
		}
	}
	return tag + ">"
}

// content is what an element may hold: text, or each child once.
func (d dtd) content(element string, second bool, above []string) string {
	switch {
	case element == "mml:math":
		return "<mml:mi>" + value(element, second) + "</mml:mi>"
	case d.text[element]:
		return value(element, second)
	}
	var all string
	for _, child := range d.children[element] {
		if !slices.Contains(above, child) {
			all += d.open(child, "", "") + d.content(child, second, append(above, child)) + "</" + child + ">"
		}
	}
	return all
}

// record puts an element, with a PMID and with the larger parts of a date, at the end of a path
// from the record.
func (d dtd) record(path []string, element string) string {
	for _, before := range map[string][]string{
		"Month": {"Year"}, "Season": {"Year"}, "Day": {"Month", "Year"}, "Hour": {"Day", "Month", "Year"},
		"Minute": {"Day", "Month", "Year"}, "Second": {"Day", "Month", "Year"},
	}[path[len(path)-1]] {
		element = "<" + before + ">" + value(before, false) + "</" + before + ">" + element
	}
	for i := len(path) - 2; i >= 0; i-- {
		pmid := ""
		if (path[i] == "MedlineCitation" || path[i] == "BookDocument") && path[i+1] != "PMID" {
			pmid = `<PMID Version="1">1</PMID>`
		}
		element = d.open(path[i], "", "") + pmid + element + "</" + path[i] + ">"
	}
	if slices.Contains(path, "MedlineCitation") || slices.Contains(path, "BookDocument") {
		return element
	}
	citation := map[string]string{"PubmedArticle": "MedlineCitation", "PubmedBookArticle": "BookDocument"}[path[0]]
	return strings.Replace(element, ">", "><"+citation+`><PMID Version="1">1</PMID></`+citation+">", 1)
}

// TestEveryElement decodes a record for each element and attribute that the DTD allows, once with
// one value and once with another. If the documents are equal, the element is in no column, and
// must be in allIgnored with a reason.
func TestEveryElement(t *testing.T) {
	source, err := os.ReadFile(
		filepath.Join("..", "..", "..", "shared", "data", "dtd", "biopython", "DTDs", "pubmed_250101.dtd"),
	)
	if err != nil {
		t.Skipf("the reference data is not here: %v", err)
	}
	d := parseDTD(string(source))
	c := &coverage{t: t, dtd: d, used: make(map[string]bool)}
	reached := make(map[string]bool)
	for root, records := range sets {
		reached[root] = true
		for _, record := range records {
			reached[record] = true
		}
	}
	for _, root := range []string{"PubmedArticle", "PubmedBookArticle"} {
		for _, path := range d.paths([]string{root}) {
			reached[path[len(path)-1]] = true
			c.element(path)
		}
	}
	for element := range d.children {
		if !reached[element] {
			c.missing(element)
		}
	}
	for _, o := range allIgnored() {
		if !c.used[o.path] || o.reason == "" {
			t.Errorf("%s is decoded, or is not in the DTD, or has no reason: %q", o.path, o.reason)
		}
	}
	t.Logf("%d elements and attributes in %d places", len(d.children), c.places)
}

// coverage collects the elements that are in no column.
type coverage struct {
	t *testing.T
	dtd
	used   map[string]bool // paths of allIgnored
	places int
}

func (c *coverage) element(path []string) {
	c.places++
	last := path[len(path)-1]
	if len(path) < 2 {
		return
	}
	if leaf := c.text[last] || last == "mml:math"; leaf {
		one := c.open(last, "", "") + c.content(last, false, path) + "</" + last + ">"
		two := c.open(last, "", "") + c.content(last, true, path) + "</" + last + ">"
		c.differ(strings.Join(path, "/"), c.record(path, one), c.record(path, two))
	}
	for _, a := range c.attributes[last] {
		c.places++
		values := a.values
		if len(values) == 0 {
			values = []string{value(a.name, false), value(a.name, true)}
		} else if len(values) == 1 {
			values = append([]string{""}, values...)
		}
		content := c.content(last, false, path)
		for _, other := range values[1:] {
			one := c.open(last, a.name, values[0]) + content + "</" + last + ">"
			two := c.open(last, a.name, other) + content + "</" + last + ">"
			c.differ(strings.Join(path, "/")+"/@"+a.name, c.record(path, one), c.record(path, two))
		}
	}
}

// differ compares the documents of two records that differ in one value.
func (c *coverage) differ(path, one, two string) {
	c.t.Helper()
	first, err := Decode([]byte(one))
	if err != nil {
		c.t.Fatalf("%s: %v\n%s", path, err, one)
	}
	second, err := Decode([]byte(two))
	if err != nil {
		c.t.Fatalf("%s: %v\n%s", path, err, two)
	}
	if reflect.DeepEqual(first, second) {
		c.missing(path)
	}
}

func (c *coverage) missing(path string) {
	c.t.Helper()
	for _, o := range allIgnored() {
		if path == o.path || strings.HasSuffix(path, "/"+o.path) {
			c.used[o.path] = true
			return
		}
	}
	c.t.Errorf("%s is neither in a column nor in allIgnored", path)
}

// ignored is an element or attribute of the DTD that is in no column.
type ignored struct {
	path   string // the end of its path from the record: "PubMedPubDate/Hour", "InvestigatorList/@ID"
	reason string
}

// allIgnored lists everything that pubmed_250101.dtd allows in a record and that is not in the
// Document, with the reason.
func allIgnored() []ignored {
	const (
		bookshelf = "an internal key of NCBI Bookshelf; article_ids has the record's bookaccession"
		clock     = "history has days only; PubMed's hours are those of its loader"
		unused    = "declared, but allowed in no element"
		link      = "links a group to its investigators in the same record; both are columns"
		joined    = "the parts of other abstracts are joined: they are for reading, not for mining"
	)
	return []ignored{
		{"PubMedPubDate/Hour", clock},
		{"PubMedPubDate/Minute", clock},
		{"PubMedPubDate/Second", clock},
		{"CollectiveName/@Investigators", link},
		{"InvestigatorList/@ID", link},
		{"OtherAbstract/AbstractText/@Label", joined},
		{"OtherAbstract/AbstractText/@NlmCategory", joined},
		{"CommentsCorrections/PMID/@Version", "the link is to the article in any version"},
		{"ReferenceList/Title", "a heading such as \"References\" of a list that becomes flat"},
		{"ArticleTitle/@book", bookshelf},
		{"ArticleTitle/@part", bookshelf},
		{"ArticleTitle/@sec", bookshelf},
		{"BookTitle/@book", bookshelf},
		{"BookTitle/@part", bookshelf},
		{"BookTitle/@sec", bookshelf},
		{"CollectionTitle/@book", bookshelf},
		{"CollectionTitle/@part", bookshelf},
		{"CollectionTitle/@sec", bookshelf},
		{"SectionTitle/@book", bookshelf},
		{"SectionTitle/@part", bookshelf},
		{"SectionTitle/@sec", bookshelf},
		{"URL", unused},
		{"ContractNumber", unused},
	}
}
