package pubmed

import (
	"encoding/xml"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

func contentOf(t interface{ Fatalf(string, ...any) }, inner string) string {
	d := new(decoder)
	d.reset([]byte("<T>" + inner + "</T>"))
	d.next()
	got := d.content()
	if d.fault != nil {
		t.Fatalf("%s: %v", inner, d.fault.message)
	}
	return got
}

func TestContent(t *testing.T) {
	tests := map[string]string{
		"":                                   "",
		" \n ":                               "",
		"a":                                  "a",
		" a \n\t b ":                         "a b",
		"CO<sub>2</sub> and Ca<sup>2+</sup>": "CO2 and Ca2+",
		"<b> <i>x</i> </b> y":                "x y",
		"<b><i>x</i></b>\n<u>y</u>":          "x y",
		"a<!-- b -->c<?d e?>f":               "acf",
		"p &lt; 0.05 &amp; q":                "p < 0.05 & q",
		"&#x3b1;&#946;\U0001D6C4":            "αβ𝛄",
		"&amp;lt;":                           "&lt;",
		"<![CDATA[&lt; <b> ]]>x":             "&lt; <b> x",
		"5&#xa0;mg\u2009/\u202fl":            "5 mg / l",
		"a\u200bb":                           "a\u200bb", // no white space: zero width
		"é\u0301":                            "é\u0301",  // not composed
		"x<unknown>y</unknown>z":             "xyz",
		"a &#x20; b":                         "a b",
		"<mml:math><mml:mi> x </mml:mi>\n<mml:mo>=</mml:mo>\n<mml:mn>2</mml:mn></mml:math>": "x=2",
		"<math><mtext>&#xa0;if&#xa0;</mtext><mi>x</mi></math>":                              "if x",
		"a <mml:math alttext='no'> <mml:semantics><mml:mi>x</mml:mi><mml:annotation>no</mml:annotation>" +
			"</mml:semantics> </mml:math> b": "a x b",
		"a<DispFormula><mml:math><mml:msub><mml:mi>x</mml:mi><mml:mn>0</mml:mn></mml:msub></mml:math>" +
			"</DispFormula>b": "ax0b",
		"<math><annotation-xml><mi>no</mi></annotation-xml><apply><ci>c</ci><cn>1</cn></apply><mrow>no<ms>s</ms>" +
			"</mrow></math>": "c1s",
	}
	for inner, want := range tests {
		if got := contentOf(t, inner); got != want {
			t.Errorf("%s: %q, want %q", inner, got, want)
		}
	}
}

// TestContentRule compares with the rule said another way: all characters in order, then white
// space.
func TestContentRule(t *testing.T) {
	words := rapid.SampledFrom(
		[]string{"a", " ", "\n ", "α", "\u00a0", "\u2009", "\u3000", "&", "<", "𝛂", "é", "\u0085", "Ⅷ", "ॐ"},
	)
	rapid.Check(t, func(t *rapid.T) {
		var raw, plain strings.Builder
		for range rapid.IntRange(0, 20).Draw(t, "parts") {
			text := strings.Join(rapid.SliceOfN(words, 0, 4).Draw(t, "words"), "")
			plain.WriteString(text)
			tag := rapid.SampledFrom([]string{"", "i", "sub"}).Draw(t, "tag")
			if tag != "" {
				raw.WriteString("<" + tag + ">")
			}
			if err := xml.EscapeText(&raw, []byte(text)); err != nil {
				t.Fatal(err)
			}
			if tag != "" {
				raw.WriteString("</" + tag + ">")
			}
		}
		want := strings.Join(strings.FieldsFunc(plain.String(), unicode.IsSpace), " ")
		if got := contentOf(t, raw.String()); got != want {
			t.Fatalf("%q, want %q of %s", got, want, raw.String())
		}
	})
}

func TestORCID(t *testing.T) {
	for printed, want := range map[string]string{
		"0000-0002-1825-0097":                   "0000-0002-1825-0097",
		"https://orcid.org/0000-0002-1825-0097": "0000-0002-1825-0097",
		"000000021825009x":                      "0000-0002-1825-009X",
		"0000-0002-1825-009":                    "",
		"X000-0002-1825-0097":                   "",
		"":                                      "",
	} {
		if got := orcid(printed); got != want {
			t.Errorf("orcid(%q) = %q, want %q", printed, got, want)
		}
	}
}
