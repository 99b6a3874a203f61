package pubmed

import (
	"strings"
	"testing"
)

// tokens renders what the scanner gives: <name a="v">, </name>, text.
func tokens(raw string) string {
	s := new(scanner)
	s.reset([]byte(raw))
	var out []string
	for {
		switch s.next() {
		case start:
			tag := "<" + string(s.name)
			for _, a := range s.attrs {
				tag += " " + string(a.name) + `="` + string(a.value) + `"`
			}
			out = append(out, tag+">")
		case end:
			out = append(out, "</"+string(s.name)+">")
		case chars:
			text := string(s.text)
			if s.literal {
				text = "CDATA " + text
			}
			out = append(out, text)
		case none:
			if s.fault != nil {
				out = append(out, "fault: "+s.fault.message)
			}
			if s.next() != none {
				out = append(out, "goes on after the end")
			}
			return strings.Join(out, "|")
		}
	}
}

func TestTokens(t *testing.T) {
	tests := map[string]string{
		"":                                      "",
		" \n<!-- x --><?p q?><a/> <!----> ":     "<a>|</a>",
		"<a b='1' c = \"2>'\" ></a >":           `<a b="1" c="2>'">|</a>`,
		"<a>x<b/>y</a>":                         "<a>|x|<b>|</b>|y|</a>",
		"<a><![CDATA[]]>&lt;<![CDATA[&<]]></a>": "<a>|CDATA |&lt;|CDATA &<|</a>",
		"<m:a é.1-2='x'/>":                      `<m:a é.1-2="x">|</m:a>`,
		"<a":                                    "fault: a broken tag <a (byte 2 of the record)",
		"<a>":                                   "<a>|fault: the record ends inside <a> (byte 3 of the record)",
		"</a>":                                  "fault: </a> closes nothing (byte 4 of the record)",
		"<a></b>":                               "<a>|fault: </b> where </a> is due (byte 7 of the record)",
		"<a/><b/>": "<a>|</a>|fault: a second outermost element " +
			"<b> (byte 6 of the record)",
		"<a/>x": "<a>|</a>|fault: text outside the outermost element (byte 4 of " +
			"the record)",
		"<![CDATA[x]]><a/>":      "fault: text outside the outermost element (byte 0 of the record)",
		"<a><!-- x -- y --></a>": "<a>|fault: -- inside a comment (byte 3 of the record)",
		"<a><?x</a>": "<a>|fault: a processing instruction is not closed (byte 3 of " +
			"the record)",
		"<1a/>": "fault: < that opens no tag (byte 1 of the record)",
		"<a>&lt</a>": `<a>|fault: "&lt" is no character or predefined entity (byte 3 ` +
			`of the record)`,
		"<a b='<'/>": "fault: a broken tag <a (byte 8 of the record)",
	}
	for raw, want := range tests {
		if got := tokens(raw); got != want {
			t.Errorf("%s:\n got %s\nwant %s", raw, got, want)
		}
	}
}

func TestReferences(t *testing.T) {
	for raw, want := range map[string]rune{
		"&amp;": '&', "&lt;": '<', "&gt;": '>', "&quot;": '"', "&apos;": '\'', "&#65;": 'A', "&#x3B1;": 'α',
		"&#x1d6c2;": '𝛂', "&#9;": '\t', "&#x10FFFF;": 0x10FFFF,
		"&nbsp;": 0, "&alpha;": 0, "&#;": 0, "&#x;": 0, "&#-1;": 0, "&#+65;": 0, "&#x_1;": 0, "&#0;": 0, "&#8;": 0,
		"&#xFFFE;": 0, "&#xDFFF;": 0, "&#x110000;": 0,
		"&;": 0, "&": 0, "&amp": 0, "&AMP;": 0, "& amp;": 0, "&#X41;": 0, "&#99999999999;": 0,
	} {
		got, n := reference([]byte(raw))
		if want == 0 && n != 0 || want != 0 && (got != want || n != len(raw)) {
			t.Errorf("%s: %q of %d bytes, want %q", raw, got, n, want)
		}
	}
}

func TestFish(t *testing.T) {
	for raw, want := range map[string][2]int{
		`<PMID Version="2">12</PMID><PMID>13</PMID>`: {12, 2},
		"<PMID> 12 </PMID>":                          {12, 1},
		"<PMIDs/>":                                   {0, 0},
		"<PMID":                                      {0, 0},
		"<PMID>x</PMID>":                             {0, 0},
		"":                                           {0, 0},
	} {
		if pmid, version := findPMID([]byte(raw)); int(pmid) != want[0] || version != want[1] {
			t.Errorf("%s: %d.%d, want %v", raw, pmid, version, want)
		}
	}
}
