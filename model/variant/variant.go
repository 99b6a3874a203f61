// Package variant writes the names of sequence variants in a normal form, after the recommendations
// of the Human Genome Variation Society (den Dunnen et al., 2016):
//
//	dbSNP:rs113488022     a number of dbSNP
//	HGVS:c.643C>T         a substitution in DNA; c. unless the text says g., m. or n.
//	HGVS:p.Arg215Trp      a substitution in a protein; Ter for a stop codon
//	HGVS:c.657_661del     del, dup, ins and delins, with what the text tells of the sequence
//	HGVS:p.Arg58fs        a shift of the reading frame
//
// The forms lack the reference sequence, which abstracts do not give: two genes may share
// HGVS:p.Val600Glu. Names that are no such variant, as "G/A" or "dup24bp", have no normal form.
package variant

import (
	"regexp"
	"strings"
)

// Namespaces of the normal forms.
const (
	hgvs  = "HGVS:"
	dbSNP = "dbSNP:"
)

const (
	acid  = `(?:[ACDEFGHIKLMNPQRSTVWYX*]|Ala|Arg|Asn|Asp|Cys|Gln|Glu|Gly|His|Ile|Leu|Lys|Met|Phe|Pro|Ser|Thr|Trp|Tyr|Val|Ter|Stop|stop)`
	full  = `(?:alanine|arginine|asparagine|aspartic acid|aspartate|cysteine|glutamine|glutamic acid|glutamate|glycine|histidine|isoleucine|leucine|lysine|methionine|phenylalanine|proline|serine|threonine|tryptophan|tyrosine|valine)`
	place = `([-+*]?[0-9]+(?:[-+][0-9]+)?(?:_[-+*]?[0-9]+(?:[-+][0-9]+)?)?)`
)

var (
	number       = regexp.MustCompile(`(?i)^(?:dbsnp:? ?)?(rs ?[0-9]{2,})(?:\b.*)?$`)
	substitution = regexp.MustCompile(
		`^(?:([cgmn])\.)? ?` + place + ` ?\(?([ACGTU]) ?(?:>|-->|->|→|/|to) ?([ACGTU])\)?$`,
	)
	reversed = regexp.MustCompile(
		`^(?:([cgmn])\.)? ?([ACGTU])[-( ]?` + place + `[-) ]? ?(?:>|-->|->|→|/|to)? ?([ACGTU])$`,
	)
	protein = regexp.MustCompile(
		`^(?:p\. ?)?\(?(` + acid + `)[- ]?([0-9]+)[- ]?(?:>|-->|->|→|/|to)?[- ]?(` + acid + `)\)?$`,
	)
	words       = regexp.MustCompile(`(?i)^(` + full + `)[- ]?([0-9]+)[- ]?(?:to[- ])?(` + full + `)$`)
	frameshift  = regexp.MustCompile(`^(?:p\. ?)?\(?(` + acid + `)([0-9]+)` + acid + `?fs(?:.*)?\)?$`)
	change      = regexp.MustCompile(`^(?:([cgmn])\.)? ?` + place + ` ?(delins|del|dup|ins) ?([ACGT]*|[0-9]*)$`)
	changeFirst = regexp.MustCompile(`^(del|dup|ins) ?` + place + ` ?([ACGT]*)$`)
)

// Normalize returns the normal form of a name, "" if it has none.
func Normalize(name string) string {
	name = strings.TrimSpace(strings.NewReplacer("−", "-", "–", "-", " ", " ").Replace(name))
	if m := number.FindStringSubmatch(name); m != nil {
		return dbSNP + strings.ToLower(strings.ReplaceAll(m[1], " ", ""))
	}
	for _, form := range []struct {
		pattern *regexp.Regexp
		write   func(m []string) string
	}{
		{substitution, func(m []string) string { return nucleotides(m[1], m[2], m[3], m[4]) }},
		{protein, func(m []string) string { return acids(m[1], m[2], m[3]) }},
		{reversed, func(m []string) string { return nucleotides(m[1], m[3], m[2], m[4]) }},
		{words, func(m []string) string { return acids(m[1], m[2], m[3]) }},
		{frameshift, func(m []string) string { return "p." + long(m[1]) + m[2] + "fs" }},
		{change, func(m []string) string { return kind(m[1]) + "." + m[2] + m[3] + m[4] }},
		{changeFirst, func(m []string) string { return kind("") + "." + m[2] + m[1] + m[3] }},
	} {
		if m := form.pattern.FindStringSubmatch(name); m != nil {
			if s := form.write(m); s != "" {
				return hgvs + s
			}
		}
	}
	return ""
}

// FromTmVar returns the normal form of a variant as tmVar and BioRED write it: "p|SUB|R|215|W" or
// "rs113488022", "" if it has none.
func FromTmVar(id string) string {
	id, _, _ = strings.Cut(id, ";")
	part := strings.Split(id, "|")
	if len(part) < 4 {
		return Normalize(id)
	}
	at := func(i int) string {
		if i < len(part) {
			return part[i]
		}
		return ""
	}
	switch part[1] {
	case "SUB":
		if part[0] == "p" {
			return Normalize("p." + at(2) + at(3) + at(4))
		}
		return Normalize(kind(part[0]) + "." + at(3) + at(2) + ">" + at(4))
	case "FS":
		return Normalize("p." + at(2) + at(3) + "fs")
	case "DEL", "DUP", "INS":
		if part[0] != "p" {
			return Normalize(kind(part[0]) + "." + at(2) + strings.ToLower(part[1]) + at(3))
		}
	}
	return ""
}

func kind(s string) string {
	if s == "" {
		return "c"
	}
	return s
}

func nucleotides(sequence, place, from, to string) string {
	if from == to {
		return ""
	}
	return kind(
		sequence,
	) + "." + place + strings.ReplaceAll(
		from,
		"U",
		"T",
	) + ">" + strings.ReplaceAll(
		to,
		"U",
		"T",
	)
}

func acids(from, place, to string) string { return "p." + long(from) + place + long(to) }

// long returns the code of three letters of an amino acid.
func long(s string) string {
	codes := map[string]string{
		"a": "Ala", "r": "Arg", "n": "Asn", "d": "Asp", "c": "Cys", "q": "Gln", "e": "Glu", "g": "Gly", "h": "His",
		"i": "Ile", "l": "Leu", "k": "Lys", "m": "Met", "f": "Phe", "p": "Pro", "s": "Ser", "t": "Thr", "w": "Trp",
		"y": "Tyr", "v": "Val", "x": "Ter", "*": "Ter", "stop": "Ter",
		"alanine": "Ala", "arginine": "Arg", "asparagine": "Asn", "aspartic acid": "Asp", "aspartate": "Asp",
		"cysteine": "Cys", "glutamine": "Gln", "glutamic acid": "Glu", "glutamate": "Glu", "glycine": "Gly",
		"histidine": "His", "isoleucine": "Ile", "leucine": "Leu", "lysine": "Lys", "methionine": "Met",
		"phenylalanine": "Phe", "proline": "Pro", "serine": "Ser", "threonine": "Thr", "tryptophan": "Trp",
		"tyrosine": "Tyr", "valine": "Val",
	}
	if code, ok := codes[strings.ToLower(s)]; ok {
		return code
	}
	return strings.ToUpper(s[:1]) + strings.ToLower(s[1:])
}
