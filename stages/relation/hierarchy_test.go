package relation

import (
	"testing"

	"github.com/pubmine/pubmine/model/vocabulary"
)

// Breast Neoplasms stand below Neoplasms, Aspirin does not.
func TestHierarchy(t *testing.T) {
	v, err := vocabulary.Open(vocabulary.Bundled)
	if err != nil {
		t.Fatal(err)
	}
	const breast, neoplasms, aspirin = "MESH:D001943", "MESH:D009369", "MESH:D001241"
	h := Hierarchy(v)
	for _, c := range []struct {
		concept, ancestor string
		want              bool
	}{
		{breast, neoplasms, true}, {neoplasms, breast, false}, {breast, breast, false}, {aspirin, neoplasms, false},
		{aspirin + "|" + breast, neoplasms, true}, {breast, aspirin + "|" + neoplasms, true},
		{"unknown", neoplasms, false},
	} {
		if got := h.Is(c.concept, c.ancestor); got != c.want {
			t.Errorf("%s below %s: %v", c.concept, c.ancestor, got)
		}
	}
}
