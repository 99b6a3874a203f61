package features

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The values are part of the format of trained models: a failure here means that every trained head
// is worthless.
func TestHashGolden(t *testing.T) {
	for _, c := range []struct {
		name string
		got  uint32
		want uint32
	}{
		{"template", Template(1).Sum(), 0x41ee7612},
		{"string", Template(1).String("aspirin").Sum(), 0x963926ab},
		{"empty string", Template(1).String("").Sum(), 0x4c18ef3b},
		{"lower", Template(2).Lower("β-Catenin").Sum(), 0x04a74cff},
		{"numbers", Template(3).Int(-2).Uint(7).Bool(true).Sum(), 0xa563f461},
	} {
		if c.got != c.want {
			t.Errorf("%s: %#08x, want %#08x", c.name, c.got, c.want)
		}
	}
}

func TestLowerIsStringOfToLower(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if got, want := Template(9).Lower(s).Sum(), Template(9).String(strings.ToLower(s)).Sum(); got != want {
			t.Fatalf("Lower(%q) = %#x, String(ToLower) = %#x", s, got, want)
		}
	})
}

func TestStringsDoNotRunTogether(t *testing.T) {
	if Template(1).String("ab").String("c") == Template(1).String("a").String("bc") {
		t.Error("the end of a string does not count")
	}
	if Template(1).String("x").Sum() == Template(2).String("x").Sum() {
		t.Error("the template does not count")
	}
}

// Buckets are taken from the top bits, so these must spread evenly even over small consecutive
// inputs.
func TestTopBitsSpread(t *testing.T) {
	const bits, n = 8, 1 << 16
	var counts [1 << bits]int
	for i := range n {
		counts[Template(1).Int(i).Sum()>>(32-bits)]++
	}
	for b, c := range counts {
		if mean := n >> bits; c < mean/2 || c > mean*2 {
			t.Errorf("bucket %d holds %d of %d features, mean %d", b, c, n, mean)
		}
	}
}

func TestHashDoesNotAllocate(t *testing.T) {
	var sink uint32
	if n := testing.AllocsPerRun(100, func() { sink += Template(1).Lower("Naïve β-Carotene").Int(3).Sum() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	_ = sink
}
