package normalize_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model/vocabulary/normalize"
)

func key(name string) string { return string(normalize.Key(nil, name)) }

func TestSameKey(t *testing.T) {
	for _, same := range [][]string{
		{"Aspirin", "aspirin", "ASPIRIN"},
		{"IL-2", "IL 2", "IL2", "il2"},
		{"beta-catenin", "β-catenin", "Beta Catenin", "betacatenin", "Β-catenin"},
		{"TNF-α", "TNFalpha"},
		{"µ-opioid", "μ-opioid", "mu opioid"},
		{"seizures", "Seizure"},
		{"antibodies", "antibody"},
		{"viruses", "virus"},
		{"abscesses", "abscess"},
		{"psychoses", "psychosis"},
		{"haemorrhage", "hemorrhage"},
		{"oedemas", "edema"},
		{"leukaemias", "leukemia"},
		{"tumours", "tumor"},
		{"sulphate", "sulfate"},
		{"ionisation", "ionization"},
		{"Sjögren", "Sjo\u0308gren", "Sjogren"},
		{"fibre", "fibres"},
		{"centre", "center"},
		{"Straße", "strasse"},
		{"ﬁne", "fne"}, // a ligature counts as its first letter
	} {
		for _, name := range same[1:] {
			if key(name) != key(same[0]) {
				t.Errorf("%q has key %q, %q has %q", same[0], key(same[0]), name, key(name))
			}
		}
	}
}

func TestOtherKey(t *testing.T) {
	for _, two := range [][2]string{
		{"1,2-diol", "12-diol"}, {"virus", "viru"}, {"gas", "ga"}, {"AIDS", "aid"}, {"does", "DES"}, {"T3", "T4"},
		{"arthritis", "arthriti"},
	} {
		if key(two[0]) == key(two[1]) {
			t.Errorf("%q and %q have key %q", two[0], two[1], key(two[0]))
		}
	}
	if got := key(" (+)-/ "); got != "" {
		t.Errorf("key %q of a name without a word", got)
	}
}

// The key of a name is that of its words, one after the other, and Next cuts the name into them.
func TestKeyIsOfWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOf(rapid.RuneFrom([]rune("abEsS12 -,αéæ)お\u0308"))).Draw(t, "name")
		var words []byte
		last := 0
		for last < len(name) {
			word, start, end := normalize.Next(nil, name, last)
			if start < last || end < start || end > len(name) || start == end && end < len(name) {
				t.Fatalf("word from %d to %d of %q", start, end, name)
			}
			if text := name[last:start] + name[end:min(end+1, len(name))]; strings.ContainsAny(text, "abEsS12") {
				t.Fatalf("%q is beside the word from %d to %d of %q", text, start, end, name)
			}
			last = end
			if n := len(words); n > 0 && len(word) > 0 && isDigit(words[n-1]) && isDigit(word[0]) {
				words = append(words, normalize.Separator)
			}
			words = append(words, word...)
		}
		if got := key(name); got != string(words) {
			t.Fatalf("key %q, of words %q", got, words)
		}
	})
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func BenchmarkKey(b *testing.B) {
	name := "Severe acute respiratory syndromes, type 2 (haemorrhagic)"
	var key []byte
	for b.Loop() {
		key = normalize.Key(key[:0], name)
	}
	b.SetBytes(int64(len(name)))
}
