package moses

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed classes.txt
var classesText string

//go:embed prefixes.txt
var prefixesText string

// classSet holds the character classes and abbreviations that the rules test.
type classSet struct {
	ascii            [128]byte   // symbol codes
	ranges           []codeRange // the other ranges, sorted and disjoint
	currency, cjk    []codeRange
	virama           []codeRange
	names, numerical map[string]bool
}

type codeRange struct {
	lo, hi rune
	step   rune
	code   byte
}

// table returns the classes, which are read once from the embedded files.
var table = sync.OnceValue(func() *classSet {
	sections := map[string][]codeRange{}
	var name string
	for line := range strings.Lines(classesText) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if _, known := classFlags[line]; known {
			name = line
			continue
		}
		for field := range strings.FieldsSeq(line) {
			sections[name] = append(sections[name], parseRange(field))
		}
	}
	t := &classSet{
		currency: sections["currency"], cjk: sections["cjk"], virama: sections["virama"],
		names: map[string]bool{}, numerical: map[string]bool{},
	}
	codes := map[rune]byte{}
	for name, flags := range classFlags {
		for _, r := range sections[name] {
			for c := r.lo; flags != 0 && c <= r.hi; c += r.step {
				codes[c] |= flags
			}
		}
	}
	t.fill(codes)
	into := t.names
	for field := range strings.FieldsSeq(prefixesText) {
		if field == "before-number:" {
			into = t.numerical
			continue
		}
		into[field] = true
	}
	return t
})

// classFlags maps the sections of classes.txt to the flags of their members.
var classFlags = map[string]byte{
	"alpha": flagAlpha | flagAlnum, "alnum": flagAlnum, "number": flagNumber, "lower": flagLower,
	"virama": flagAlpha | flagAlnum, "currency": 0, "cjk": 0,
}

// parseRange reads "lo-hi/step" in hexadecimal. The file is part of the program: an error in it is
// an error of the program.
func parseRange(field string) codeRange {
	bounds, step, stepped := strings.Cut(field, "/")
	lo, hi, ranged := strings.Cut(bounds, "-")
	if !ranged {
		hi = lo
	}
	if !stepped {
		step = "1"
	}
	var n [3]rune
	for i, digits := range []string{lo, hi, step} {
		v, err := strconv.ParseInt(digits, 16, 32)
		if err != nil {
			panic("moses: classes.txt: " + field + ": " + err.Error())
		}
		n[i] = rune(v)
	}
	return codeRange{lo: n[0], hi: n[1], step: n[2]}
}

// fill makes the tables of symbol codes.
func (t *classSet) fill(codes map[rune]byte) {
	var sorted []rune
	for c, flags := range codes {
		if flags&flagAlnum == 0 {
			codes[c] |= flagAlone
		}
		sorted = append(sorted, c)
	}
	slices.Sort(sorted)
	for _, c := range sorted {
		if n := len(t.ranges); n > 0 && t.ranges[n-1].hi == c-1 && t.ranges[n-1].code == codes[c] {
			t.ranges[n-1].hi = c
			continue
		}
		t.ranges = append(t.ranges, codeRange{c, c, 1, codes[c]})
	}
	named := map[rune]byte{',': comma, '\'': apostrophe, '.': dot, '-': hyphen, '`': plain}
	for c := range rune(len(t.ascii)) {
		switch code, known := codes[c]; {
		case c <= ' ':
			t.ascii[c] = space
		case known:
			t.ascii[c] = code
		case named[c] != 0:
			t.ascii[c] = named[c]
		case escape(string(c)) != string(c):
			t.ascii[c] = flagAlone | flagEscaped
		default:
			t.ascii[c] = flagAlone
		}
	}
}

// code returns the symbol code of a character beyond ASCII.
func (t *classSet) code(r rune) byte {
	if isSpace(r) {
		return space
	}
	if found, ok := find(t.ranges, r); ok {
		return found.code
	}
	return flagAlone
}

// find returns the range, one of step 1, that holds the character.
func find(ranges []codeRange, r rune) (codeRange, bool) {
	i, ok := slices.BinarySearchFunc(ranges, r, func(c codeRange, r rune) int {
		switch {
		case c.hi < r:
			return -1
		case c.lo > r:
			return 1
		}
		return 0
	})
	if !ok {
		return codeRange{}, false
	}
	return ranges[i], true
}

// prefixBeforeName reports whether a dot after the word is no full stop: "Dr.", "vs.".
func prefixBeforeName(word string) bool { return table().names[word] }

// numericPrefix reports whether a dot after the word is no full stop before a number: "No. 5".
func numericPrefix(word string) bool { return table().numerical[word] }
