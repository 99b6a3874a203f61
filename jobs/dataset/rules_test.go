package dataset_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/dataset"
)

// Types of the public corpora become ours, unless raw types are wanted.
func TestUserRules(t *testing.T) {
	const in = "1|t|aspirin by a saw in a family\n1\t0\t7\taspirin\tDrug\n1\t13\t16\tsaw\tTool\n1\t22\t28\tfamily\t" +
		"FamilyName\n"
	for _, c := range []struct {
		rawTypes         bool
		mentions, masked []string
	}{
		{false, []string{"Chemical aspirin []", "Tool saw []"}, []string{"Gene family"}},
		{true, []string{"Drug aspirin []", "Tool saw []", "FamilyName family []"}, nil},
	} {
		examples, _, err := dataset.PubTator(strings.NewReader(in), dataset.UserRules("x", "train", c.rawTypes))
		if err != nil {
			t.Fatal(err)
		}
		got := plainly(examples)[0]
		if diff := cmp.Diff(c.mentions, got.Mentions) + cmp.Diff(c.masked, got.Masked); diff != "" {
			t.Errorf("raw types %v: %s", c.rawTypes, diff)
		}
	}
}
