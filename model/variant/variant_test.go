package variant

import (
	"strings"
	"testing"
)

func TestNormalize(t *testing.T) {
	for name, want := range map[string]string{
		"V600E":                      "HGVS:p.Val600Glu",
		"p.V600E":                    "HGVS:p.Val600Glu",
		"Val600Glu":                  "HGVS:p.Val600Glu",
		"arginine 555-to-tryptophan": "HGVS:p.Arg555Trp",
		"Arg215Ter":                  "HGVS:p.Arg215Ter",
		"Y67X":                       "HGVS:p.Tyr67Ter",
		"c.643C>T":                   "HGVS:c.643C>T",
		"643C-->T":                   "HGVS:c.643C>T",
		"g.2839T>G":                  "HGVS:g.2839T>G",
		"c.G1714C":                   "HGVS:c.1714G>C",
		"-107C/T":                    "HGVS:c.-107C>T",
		"c.1970_2177del":             "HGVS:c.1970_2177del",
		"del418T":                    "HGVS:c.418delT",
		"P686fs":                     "HGVS:p.Pro686fs",
		"rs113488022":                "dbSNP:rs113488022",
		"RS 25487":                   "dbSNP:rs25487",
		"G/A":                        "",
		"dup24bp":                    "",
		"A to G":                     "",
		"":                           "",
	} {
		if got := Normalize(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestFromTmVar(t *testing.T) {
	for id, want := range map[string]string{
		"p|SUB|R|215|W": "HGVS:p.Arg215Trp",
		"c|SUB|T|920|G;Gene:23417;VariantGroup:0": "HGVS:c.920T>G",
		"p|FS|Y|329||":     "HGVS:p.Tyr329fs",
		"c|DEL|1970_2177|": "HGVS:c.1970_2177del",
		"rs1695":           "dbSNP:rs1695",
		"c|DUP||24|":       "",
		"":                 "",
	} {
		if got := FromTmVar(id); got != want {
			t.Errorf("%q: %q, want %q", id, got, want)
		}
	}
}

// A normal form is its own normal form.
func FuzzNormalize(f *testing.F) {
	f.Add("c.643C>T")
	f.Add("Arg215*")
	f.Fuzz(func(t *testing.T, name string) {
		form := Normalize(name)
		_, local, _ := strings.Cut(form, ":")
		if form != "" && Normalize(local) != form {
			t.Errorf("%q: %q, and then %q", name, form, Normalize(local))
		}
	})
}
