package vocabulary

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// class is a range of concepts that have a type, a species and the form of their identifiers in
// common.
type class struct {
	typ, species, prefix string
	width, base          int
	first, end           Concept
	ids                  []string // of base 0
}

// maxDigits keeps numbers in an uint32.
const maxDigits = 9

// base36 is the namespace whose identifiers are numbers of base 36: CVCL:A1B2.
const base36 = "CVCL:"

// splitID returns the form of an identifier and its number.
func splitID(id string) (form class, number uint32) {
	if local, ok := strings.CutPrefix(id, base36); ok && len(local) == 4 {
		if n, err := strconv.ParseUint(local, 36, 32); err == nil && strings.ToUpper(local) == local {
			return class{prefix: base36, width: 4, base: 36}, uint32(n)
		}
	}
	at := len(id)
	for at > 0 && len(id)-at < maxDigits && '0' <= id[at-1] && id[at-1] <= '9' {
		at--
	}
	digits := id[at:]
	if digits == "" || at > 0 && '0' <= id[at-1] && id[at-1] <= '9' {
		return class{}, 0
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil {
		return class{}, 0
	}
	form = class{prefix: id[:at], base: 10}
	if digits[0] == '0' {
		form.width = len(digits)
	}
	return form, uint32(n)
}

// id returns the identifier of a number, or of the concept at an index of the class.
func (c *class) id(i Concept, number uint32) string {
	if c.base == 0 {
		return c.ids[i-c.first]
	}
	digits := strings.ToUpper(strconv.FormatUint(uint64(number), c.base))
	return c.prefix + strings.Repeat("0", max(0, c.width-len(digits))) + digits
}

// find returns the concept of an identifier, whose form and number splitID returned.
func (c *class) find(numbers []uint32, id string, form class, number uint32) (Concept, bool) {
	if form.prefix != c.prefix || form.width != c.width || form.base != c.base {
		return 0, false
	}
	if c.base == 0 {
		i, ok := slices.BinarySearch(c.ids, id)
		return c.first + Concept(i), ok
	}
	i, ok := slices.BinarySearch(numbers[c.first:c.end], number)
	return c.first + Concept(i), ok
}

// compareClasses orders classes, those of one species together.
func compareClasses(a, b class) int {
	return cmp.Or(
		cmp.Compare(a.typ, b.typ), cmp.Compare(len(a.species), len(b.species)), cmp.Compare(a.species, b.species),
		cmp.Compare(a.prefix, b.prefix), cmp.Compare(a.width, b.width), cmp.Compare(a.base, b.base),
	)
}
