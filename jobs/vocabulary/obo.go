package vocabulary

import (
	"strings"
)

// readOBO reads the terms of an ontology. An obsolete term with a replacement becomes a retired
// identifier of it.
func readOBO(in *input, s Source, _ []string, emit func(item)) error {
	var x item
	var replaced []string
	obsolete, term, seen := false, false, false
	flush := func() {
		switch {
		case !term || x.ID == "":
		case !obsolete:
			emit(x)
		default:
			for _, id := range replaced {
				var other item
				other.ID, other.Other = id, []string{x.ID}
				emit(other)
			}
		}
		x, replaced, obsolete = item{}, nil, false
	}
	err := in.each(func(line string) error {
		if strings.HasPrefix(line, "[") {
			flush()
			term = line == "[Term]"
			return nil
		}
		tag, value, ok := strings.Cut(line, ": ")
		if !seen && line != "" && tag != "format-version" && !strings.HasPrefix(line, "!") {
			return in.fail("not OBO: it does not begin with format-version")
		}
		seen = seen || line != ""
		if !ok || !term {
			return nil
		}
		value, _, _ = strings.Cut(value, " ! ")
		value = strings.TrimSpace(value)
		switch tag {
		case "id":
			x.ID = identifier(s.Prefix, value)
		case "name":
			x.add(0, value)
		case "synonym":
			text, scope, ok := cutQuoted(value)
			if !ok {
				return in.fail("a synonym without quotes: %.60q", value)
			}
			if strings.HasPrefix(scope, " EXACT") {
				x.add(0, text)
			}
		case "alt_id":
			x.Other = append(x.Other, identifier(s.Prefix, value))
		case "xref":
			id, _, _ := strings.Cut(value, " ")
			x.xrefs = append(x.xrefs, identifier("", id))
		case "is_a":
			id, _, _ := strings.Cut(value, " ")
			x.Parents = append(x.Parents, identifier(s.Prefix, id))
		case "is_obsolete":
			obsolete = value == "true"
		case "replaced_by":
			replaced = append(replaced, identifier(s.Prefix, value))
		}
		return nil
	})
	flush()
	return err
}

// cutQuoted returns a quoted string, in which \ protects a character, and the rest of the value.
func cutQuoted(value string) (text, rest string, ok bool) {
	if !strings.HasPrefix(value, `"`) {
		return "", "", false
	}
	var b strings.Builder
	for i := 1; i < len(value); i++ {
		switch c := value[i]; {
		case c == '"':
			return b.String(), value[i+1:], true
		case c == '\\' && i+1 < len(value):
			i++
			b.WriteByte(value[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}
