package abbrev

import (
	"strings"
	"testing"
)

func TestIsShort(t *testing.T) {
	for text, want := range map[string]bool{
		"MRI": true, "IL-2": true, "p53": true, "bpm": true, "α-MEM": true, "MS II": true, "[CK]": true,
		"P": true, "2D": true,
		"ABCDEFGHIJ": true, "A-B-C-D-E-F-G-H-I-J": true,
		"": false, "p": false, "12": false, "-A": false, "A-": false, "[CK": false, "signal": false, "seen here": false,
		"n = 12": false, "P<0.05": false, "ABCDEFGHIJK": false, "A B C": false,
	} {
		if got := isShort(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestAlign(t *testing.T) {
	for _, c := range []struct {
		short, text string
		whole       bool
		want        string // "" for none
	}{
		{"MRI", "by magnetic resonance imaging", false, "magnetic resonance imaging"},
		{"MRI", "by magnetic resonance imaging", true, ""},
		{"MRI", "magnetic resonance imaging", true, "magnetic resonance imaging"},
		{"BP", "the blood pressure", false, "blood pressure"},
		{"LOS", "lengths or length of stay", false, "length of stay"},      // the cheapest
		{"BP", "blood and blood pressure", false, "blood pressure"},        // the nearest of two
		{"BP", "blood, pressure", false, "blood, pressure"},                // a comma costs what a letter allows
		{"BP", "blood, of pressure", false, ""},                            // and a small word is too much then
		{"IL", "interleukin", false, "interleukin"},                        // a letter within the word
		{"DAP", "2,6-diaminopurine", false, "2,6-diaminopurine"},           // locants
		{"EP", "beta-endorphin peptide", false, "beta-endorphin peptide"},  // and Greek letters
		{"EP", "non-endorphin peptide", false, ""},                         // no locant
		{"FC", "factor (a) complex", false, "factor (a) complex"},          // brackets that close
		{"AC", "factor (a) complex", false, ""},                            // a part of a bracket
		{"6RM", "six-repetition maximum", false, "six-repetition maximum"}, // a number
		{"GB", "Größe Bär", false, "Größe Bär"},                            // letters beyond ASCII

		// the nearest m
		{"MRI", strings.Repeat("m ", 20) + "resonance imaging", false, "m resonance imaging"},
		{"MRI", "", false, ""},
		{"MRI", "...", false, ""},
	} {
		at, ok := align(c.short, c.text, c.whole)
		got := ""
		if ok {
			got = c.text[at:]
		}
		if got != c.want {
			t.Errorf("%s in %q: %q, want %q", c.short, c.text, got, c.want)
		}
	}
}

func TestForm(t *testing.T) {
	f := readForm("a of Cde-f2 (g), h")
	var signs strings.Builder
	for _, s := range f.signs {
		signs.WriteRune(s.r)
		signs.WriteByte("_-^"[s.place])
	}
	if got, want := signs.String(), "a^o^f_c^d_e_f-2-g^h^"; got != want {
		t.Errorf("signs %s, want %s", got, want)
	}
	for _, c := range []struct {
		from, to int
		want     float64
	}{{0, 1, 0}, {0, 2, costSmall}, {0, 3, costSmall + costWord}, {3, 4, costComma}, {2, 4, costWord + costComma},
		{0, 5, costSmall + 3*costWord + costComma}} {
		if got := f.pass(c.from, c.to); got < c.want-1e-9 || got > c.want+1e-9 {
			t.Errorf("from word %d to %d: %v, want %v", c.from, c.to, got, c.want)
		}
	}
}
