package sources_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
	"github.com/pubmine/pubmine/sources/sourcestest"
)

// contents returns "name: PMIDs" of every unit, and the ends of its stamp and digest.
func contents(t *testing.T, in sources.Input) []string {
	t.Helper()
	ctx := context.Background()
	units, err := in.Units(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, u := range units {
		digest, err := in.Digest(ctx, u)
		if err != nil {
			t.Fatal(err)
		}
		line := u.Name
		for _, item := range sourcestest.Read(t, in, u) {
			if item.Reject != nil {
				line += " reject"
			} else {
				line += " " + string(rune('0'+item.Document.PMID))
			}
		}
		_, stamp, _ := strings.Cut(u.Stamp, ":")
		if _, digest, _ := strings.Cut(digest, ":"); digest != stamp {
			t.Errorf("%s: stamp ends in %q, digest in %q", u.Name, stamp, digest)
		}
		lines = append(lines, strings.TrimSuffix(line+" "+stamp, " "))
	}
	return lines
}

func TestLimit(t *testing.T) {
	broken := strings.Replace(set(3, 4, 5), "<PMID>3<", "<PMID>x<", 1)
	root := folder(t, map[string]string{"a.xml": set(1, 2), "b.xml": broken, "c.xml": set(6)})
	for n, want := range [][]string{
		nil,
		{"a 1 limit=1"},
		{"a 1 2"},
		{"a 1 2", "b reject 4 limit=1"},
		{"a 1 2", "b reject 4 5"},
		{"a 1 2", "b reject 4 5", "c 6"},
		{"a 1 2", "b reject 4 5", "c 6"},
	} {
		if diff := cmp.Diff(want, contents(t, sources.Limit(files(t, root), n))); diff != "" {
			t.Errorf("limit %d (-want +got):\n%s", n, diff)
		}
	}
}

// TestLimitPassesBadUnits leaves a unit that cannot be read in its place, for the run to tell.
func TestLimitPassesBadUnits(t *testing.T) {
	root := folder(t, map[string]string{"a.xml": set(1, 2)[:80], "b.xml": set(3, 4)})
	units, err := sources.Limit(files(t, root), 1).Units(context.Background())
	if err != nil || len(units) != 2 || units[0].Name != "a" || !strings.HasSuffix(units[1].Stamp, ":limit=1") {
		t.Errorf("units %+v, %v", units, err)
	}
}

func TestOnly(t *testing.T) {
	root := folder(
		t,
		map[string]string{"a.xml": set(1, 2), "b.xml": strings.Replace(set(3, 2, 5), "</PMID></Med", "</PMID></M", 1)},
	)
	one := contents(t, sources.Only(files(t, filepath.Join(root, "*.xml")), []schemas.PMID{2, 3, 2}))
	two := contents(t, sources.Only(files(t, filepath.Join(root, "*.xml")), []schemas.PMID{3, 2}))
	if diff := cmp.Diff(one, two); diff != "" {
		t.Errorf("the order of the PMIDs matters:\n%s", diff)
	}
	for i, want := range []string{"a 2 only=", "b reject 2 only="} {
		if !strings.HasPrefix(one[i], want) {
			t.Errorf("unit %d is %q, want %q", i, one[i], want)
		}
	}
	if other := contents(t, sources.Only(files(t, root), []schemas.PMID{3})); strings.HasSuffix(
		other[0], one[0][len(one[0])-16:],
	) {
		t.Errorf("other PMIDs, same digest: %q", other[0])
	}
}
