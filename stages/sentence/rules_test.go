package sentence_test

import (
	"strings"
	"testing"

	"github.com/pubmine/pubmine/stages/sentence"
)

// Each rule of the package doc by itself. "|" marks where the text is split; the space around it is
// white space of the text.
func TestRules(t *testing.T) {
	for rule, texts := range map[string][]string{
		"blank lines": {
			"Methods\n\n|mice were fed", "a\n \t\n|b", "a line\nand the next",
		},
		"marks before the beginning of a sentence": {
			"It ended. |The rest. |12 mice. |(Others) died. |\"All\" did.",
			"Why? |Because! |So.",
			"It ended.) |The rest.” |So",
			"growth. |c-Fos rose. |p53 fell. |mRNA too. |α-Catenin did. |alpha 4 integrins did. |*P < .01",
			"follows. |(i) One. |(ii) Two. |(b) Three",
			"growth. this is not one. so",
		},
		"a forgotten space": {
			"of cells.|The gene was", "in CLN2.|This is", "of rats).|Blood was taken",
			"It grew.|(ABSTRACT TRUNCATED AT 400 WORDS)",
			"Nat.Genet. and J.Biol. and pGL3.Basic vector", "www.The.com", "file.Txt", "p53.A mouse",
		},
		"citations after the dot": {
			"as shown.12 |The", "as shown.[3,4] |We", "as shown.(5-7) |It", "as shown.1,2 |It", "version.12 the",
			"was 3.12 The",
		},
		"numbers": {
			"It was 2.5 mg. |It was .05. |It was 5. |It", "K = 3.5 . 10(9) l",
		},
		"abbreviations": {
			"(Fig. 2), Figs. 3 and Eq. 4 vs. Controls", "cf. Smith et al. (2003), Jones et al. 1999",
			"et al. |The mice",
			"No. 5 but no. |It", "on Jan. 5 Fos and Jun. |They", "i.v. Saline i.p. |The", "Proc. Natl. Acad. Sci. USA",
			"approx. 5 ca. 7",
		},
		"initials": {
			"by J. Smith, A.B. Jones and C. D. Brown", "vitamin C. |Vitamin D", "NF-kappa B. |It",
			"10(-9) M. |Steroids", "gene D. |Southern blots",
			"hepatitis B. |Hepatitis C", "the lab of H. Blau", "E. coli and S. cerevisiae",
		},
		"list items": {
			"1. Mice. |2. Rats. |A. Wild type.", "iv. Others", "as follows: 1. Wash. |2. Dry",
		},
		"brackets": {
			"It (see there. Or here) was. |It was (n = 5. |That is", "(All died. None lived.) |So",
		},
	} {
		t.Run(rule, func(t *testing.T) {
			for _, marked := range texts {
				var parts []string
				text := strings.ReplaceAll(marked, "|", "")
				for _, s := range sentence.Split(text) {
					parts = append(parts, text[s.Start:s.End])
				}
				var want []string
				for part := range strings.SplitSeq(marked, "|") {
					want = append(want, strings.TrimSpace(part))
				}
				if got, want := strings.Join(parts, "|"), strings.Join(want, "|"); got != want {
					t.Errorf("split as\n%s, want\n%s", got, want)
				}
			}
		})
	}
}

func TestNothingToSplit(t *testing.T) {
	for _, text := range []string{"", " ", "\n\n\n", "\u00a0\t"} {
		if got := sentence.Split(text); len(got) != 0 {
			t.Errorf("%q: %v", text, got)
		}
	}
}
