package features

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The features of a document are part of the format of trained models: when this fails, heads have
// to be trained again.
func TestLabelFeaturesGolden(t *testing.T) {
	var out strings.Builder
	for _, f := range Labels(nil, cut("Zorvaline against gout", "We gave 40 mg.", "Zorvaline helps with gout.")) {
		fmt.Fprintf(&out, "%08x\n", f)
	}
	golden(t, "labels.txt", out.String())
}

// A feature is there once, however often its word is, after those that dst had.
func TestLabelsAreASet(t *testing.T) {
	once := Labels(nil, cut("gout", "We saw dogs."))
	if twice := Labels(nil, cut("gout gout", "We saw dogs.")); len(twice) != len(once)+1 { // a bigram
		t.Errorf("%d features, %d where a word is there twice", len(once), len(twice))
	}
	if got := Labels([]uint32{7, 7}, cut("gout", "We saw dogs.")); !slices.Equal(got, append([]uint32{7, 7}, once...)) {
		t.Errorf("%x, want 7, 7 and %x", got, once)
	}
	if moved := Labels(nil, cut("dogs", "We saw gout.")); slices.Equal(moved, once) {
		t.Error("the place of a word is no feature")
	}
}
