package sources

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestNamesAreUniqueAndSafe names random trees of files, in which upper and lower case, odd
// characters and extensions collide.
func TestNamesAreUniqueAndSafe(t *testing.T) {
	safe := regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)
	part := rapid.SampledFrom(
		[]string{"a", "A", "b", "a b", "a+b", "a.b", "-", "..", "é", "x.xml", strings.Repeat("long", 50)},
	)
	rapid.Check(t, func(t *rapid.T) {
		var all []file
		seen := make(map[string]bool)
		for range rapid.IntRange(1, 12).Draw(t, "files") {
			parts := rapid.SliceOfN(part, 1, 4).Draw(t, "parts")
			path := "/" + strings.Join(
				parts, "/",
			) + rapid.SampledFrom([]string{"", ".xml", ".xml.gz", ".XML"}).
				Draw(t, "extension")
			if !seen[path] {
				seen[path] = true
				all = append(all, file{path: path, abs: path, parts: rapid.IntRange(1, len(parts)).Draw(t, "named by")})
			}
		}
		names := unitNames(all)
		if !slices.Equal(names, unitNames(all)) {
			t.Fatal("named differently the second time")
		}
		taken := make(map[string]bool)
		for i, name := range names {
			if !safe.MatchString(name) || len(name) > longestName+16 {
				t.Fatalf("%s is named %q", all[i].path, name)
			}
			if taken[strings.ToLower(name)] {
				t.Fatalf("%q is not unique", name)
			}
			taken[strings.ToLower(name)] = true
		}
	})
}

func TestStem(t *testing.T) {
	for path, want := range map[string]string{
		"a/x.xml": "a/x", "a/x.xml.gz": "a/x", "X.XML.GZ": "X", "x": "x", "x.gz": "x", "x.xml.xml": "x.xml",
		".xml": ".xml", "x.txt": "x.txt",
	} {
		if got := stem(path); got != want {
			t.Errorf("stem(%q) = %q, want %q", path, got, want)
		}
	}
}
