package generate

import (
	"regexp"
	"strings"
)

// ReadAsPublished parses a text in the same way as the postprocess.py scripts of BioGPT's authors:
// the final full stop is dropped; the text up to the last occurrence of an opening phrase is
// dropped, where the first phrase of their list that occurs counts; sentences are split at each
// semicolon; and the first name ends at the last " and " with which the sentence matches the
// pattern.
func (t *Template) ReadAsPublished(text string) []Triple {
	var found []Triple
	rest := t.withoutOpening(text)
	if t.separator == "" {
		if m := t.pattern.FindStringSubmatch(rest); m != nil {
			found = append(found, Triple{Type: strings.TrimSpace(m[1])})
		}
		return found
	}
	for s := range strings.SplitSeq(rest, t.separator) {
		if t.closed != "" {
			s = strings.TrimSpace(s)
		}
		m := t.pattern.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		x := Triple{Subject: strings.TrimSpace(m[1]), Object: strings.TrimSpace(m[2])}
		if t.Typed() {
			x.Type = strings.TrimSpace(m[3])
		}
		found = append(found, x)
	}
	return found
}

var softPrompt = regexp.MustCompile(`(learned[0-9]+ )+`)

// withoutOpening is strip_prefix of the scripts. That for BC5CDR looks for "in conclusion ," first,
// those for the others for "in conclusion," last.
func (t *Template) withoutOpening(text string) string {
	text = strings.TrimSuffix(strings.TrimSpace(text), ".")
	if all := softPrompt.FindAllStringIndex(text, -1); len(all) > 0 {
		return strings.TrimSpace(text[all[len(all)-1][1]:])
	}
	phrases := []string{"we can conclude that", "we have that", t.inConclusion}
	if t.closed != "" {
		phrases = []string{t.inConclusion, "we can conclude that", "we have that"}
	}
	for _, p := range phrases {
		if k := strings.LastIndex(text, p); k >= 0 {
			return strings.TrimSpace(text[k+len(p):])
		}
	}
	return text
}
