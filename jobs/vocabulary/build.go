package vocabulary

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pubmine/pubmine/model/names"
	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/model/vocabulary/normalize"
)

// Build reads the sources of a recipe, each in the first of the directories that has it, and
// returns the contents of the file. The same recipe and files give the same bytes.
func Build(r Recipe, dirs ...string) ([]byte, error) {
	c := compiler{headings: map[string]string{}, adopted: map[string]string{}}
	card := vocabulary.Card{Name: r.Name, Version: r.Version, Description: r.Description}
	for _, s := range r.Sources {
		told := vocabulary.Source{
			Name: s.Name, Version: s.Version, Date: s.Date, URL: s.URL, Licence: s.Licence, Attribution: s.Attribution,
		}
		if err := c.read(s, dirs, &told); err != nil {
			return nil, fmt.Errorf("source %s: %w", s.Name, err)
		}
		card.Sources = append(card.Sources, told)
	}
	return c.builder.Encode(card)
}

// compiler adds the items of sources to a builder.
type compiler struct {
	builder  vocabulary.Builder
	headings map[string]string // key of a name to an identifier, of sources with types by tree number
	adopted  map[string]string // identifiers to those that were taken in their place
	source   Source
	except   *regexp.Regexp
	exceptID *regexp.Regexp
	leaveOut map[string]bool
}

func (c *compiler) read(s Source, dirs []string, told *vocabulary.Source) error {
	in, err := openInput(dirs, s.File)
	if err != nil {
		return err
	}
	c.source, c.leaveOut, c.except, c.exceptID = s, map[string]bool{}, nil, nil
	for _, name := range s.LeaveOut {
		c.leaveOut[names.Fold(name)] = true
	}
	if s.Except != "" {
		c.except = regexp.MustCompile(s.Except) // ParseRecipe has checked it
	}
	if s.ExceptID != "" {
		c.exceptID = regexp.MustCompile(s.ExceptID)
	}
	items := 0
	err = readers[s.Format](in, s, dirs, func(x item) {
		items++
		c.add(x, told)
	})
	sum, closed := in.close()
	if err == nil {
		err = closed
	}
	if err == nil && items == 0 {
		err = fmt.Errorf("%s: no concept in it: is it in format %s?", in.path, s.Format)
	}
	told.SHA256 = sum
	return err
}

// add adds an item to the vocabulary, as far as the source's filters let it.
func (c *compiler) add(x item, told *vocabulary.Source) {
	s := c.source
	if x.Species == "" {
		x.Species = s.Species
	}
	for _, heading := range x.headings {
		if id := c.headings[nameKey(heading)]; id != "" {
			x.Parents = append(x.Parents, id)
		}
	}
	if taken := c.adopted[x.ID]; taken != "" {
		x.ID = taken
	}
	if len(x.Names) > 0 && c.exceptID != nil && c.exceptID.MatchString(x.Names[0].Text) ||
		len(s.OnlyTaxa) > 0 && !slices.Contains(s.OnlyTaxa, strings.TrimPrefix(x.Species, "NCBITaxon:")) {
		return
	}
	if len(s.OnlyKinds) > 0 && !slices.Contains(s.OnlyKinds, x.kind) {
		x.Names = nil // it still links its children with its parents
	}
	if s.MaxNumber > 0 && len(x.Names) == 1 && number(x.ID) > s.MaxNumber {
		x.Names = nil
	}
	if len(x.Names) > 0 {
		c.adopt(&x)
	}
	known := c.builder.Has(x.ID)
	if s.KnownOnly && !known {
		if s.Retire && len(x.Names) > 0 {
			if id := c.headings[nameKey(x.Names[0].Text)]; id != "" {
				c.builder.Add(vocabulary.Record{ID: id, Other: []string{x.ID}})
			}
		}
		return
	}
	x.Type = c.typeOf(x)
	if x.Type == "" && !known {
		return
	}
	preferred := ""
	if len(x.Names) > 0 {
		preferred = x.Names[0].Text
	}
	x.Names = c.filter(x.Names, known)
	if len(x.Names) > 0 && !known {
		told.Concepts++
	}
	told.Names += c.builder.Add(x.Record)
	if len(s.Types) > 0 && len(x.Trees) > 0 {
		for _, name := range append(x.Names, vocabulary.Name{Text: preferred}) {
			if key := nameKey(name.Text); key != "" && c.headings[key] == "" {
				c.headings[key] = x.ID
			}
		}
	}
}

// adopt gives an item the identifier of a cross-reference, and keeps its own as another one.
func (c *compiler) adopt(x *item) {
	for i, namespace := range c.source.Adopt {
		var ids []string
		for _, id := range x.xrefs {
			if strings.HasPrefix(id, namespace+":") {
				ids = append(ids, id)
			}
		}
		if len(ids) != 1 || i == 0 && !c.builder.Has(ids[0]) {
			continue
		}
		if _, done := c.adopted[x.ID]; done || strings.HasPrefix(x.ID, c.source.Adopt[0]+":") {
			x.Other = append(x.Other, ids[0])
			continue
		}
		x.Other = append(x.Other, x.ID)
		c.adopted[x.ID], x.ID = ids[0], ids[0]
	}
}

// typeOf returns the type of an item, or "" if it has none of those that are wanted.
func (c *compiler) typeOf(x item) string {
	if len(c.source.Types) == 0 {
		return c.source.Type
	}
	for _, t := range c.source.Types {
		if slices.ContainsFunc(x.Trees, func(tree string) bool { return strings.HasPrefix(tree, t.Tree) }) {
			return t.Type
		}
		if len(x.Trees) == 0 && slices.ContainsFunc(x.Parents, func(id string) bool {
			_, trees := c.builder.Type(id)
			return slices.ContainsFunc(trees, func(tree string) bool { return strings.HasPrefix(tree, t.Tree) })
		}) {
			return t.Type
		}
	}
	return c.source.Type
}

// filter returns the names of a concept that the source's filters let through, and those that are
// made from them. The preferred name of a new concept may be too long if another name is not.
func (c *compiler) filter(all []vocabulary.Name, known bool) []vocabulary.Name {
	s := c.source
	var kept []vocabulary.Name
	fits := false
	for i, name := range all {
		long := s.MaxLength > 0 && len(name.Text) > s.MaxLength
		if !c.keeps(name.Text) || long && (i > 0 || known) {
			continue
		}
		fits = fits || !long
		inverted, ok := name.Text, false
		if s.Invert {
			inverted, ok = invert(name.Text)
		}
		if s.Symbols && !strings.Contains(name.Text, " ") {
			name.Kind |= vocabulary.Symbol
		}
		if i == 0 || !ok {
			kept = append(kept, name)
		}
		if ok {
			kept = append(kept, vocabulary.Name{Text: inverted, Kind: name.Kind})
		}
		if short := abbreviated(name.Text); s.Derive && i == 0 && short != "" {
			kept = append(kept, vocabulary.Name{Text: short, Kind: vocabulary.Derived})
		}
	}
	if !fits {
		return nil
	}
	return kept
}

// keeps reports whether a name can be told from other text: it has two letters or digits, or more
// digits.
func (c *compiler) keeps(name string) bool {
	key := nameKey(name)
	if len(key) < 2 || len(key) < 3 && strings.Trim(key, "0123456789.") == "" {
		return false
	}
	if len(c.leaveOut) > 0 && c.leaveOut[names.Fold(name)] {
		return false
	}
	return c.except == nil || !c.except.MatchString(name)
}

func nameKey(name string) string { return string(normalize.Key(nil, name)) }

// invert returns "Acute Myeloid Leukemia" for "Leukemia, Myeloid, Acute".
func invert(name string) (string, bool) {
	parts := strings.Split(name, ", ")
	if len(parts) < 2 || len(parts) > 4 {
		return "", false
	}
	slices.Reverse(parts)
	return strings.Join(parts, " "), true
}

// abbreviated returns "E. coli" for "Escherichia coli", and "" for what is not a binomial.
func abbreviated(name string) string {
	genus, species, ok := strings.Cut(name, " ")
	first, size := utf8.DecodeRuneInString(genus)
	if !ok || first < 'A' || first > 'Z' || len(genus) <= size+1 || strings.ContainsAny(species, " .") ||
		strings.ToLower(species) != species {
		return ""
	}
	return genus[:size] + ". " + species
}

// number returns the number of an identifier such as "NCBITaxon:9606", or 0.
func number(id string) int {
	_, local, _ := strings.Cut(id, ":")
	n, err := strconv.Atoi(local)
	if err != nil {
		return 0
	}
	return n
}
