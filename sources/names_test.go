package sources

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The name of a file depends on nothing but its path within the given folder. Names are safe, and
// two files with the same name are an error that names both.
func TestNamesAreUniqueAndSafe(t *testing.T) {
	safe := regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)
	part := rapid.SampledFrom(
		[]string{"a", "A", "b", "a b", "a+b", "a.b", "-", "..", "é", "x.xml", strings.Repeat("long", 50)},
	)
	extension := rapid.SampledFrom([]string{"", ".xml", ".xml.gz", ".XML"})
	rapid.Check(t, func(t *rapid.T) {
		var all []file
		for range rapid.IntRange(1, 12).Draw(t, "files") {
			below := strings.Join(rapid.SliceOfN(part, 1, 4).Draw(t, "parts"), "/") + extension.Draw(t, "extension")
			all = append(all, file{path: "/given/" + below, below: below})
		}
		taken := make(map[string]bool)
		for _, f := range all {
			name := strings.ToLower(f.unit())
			if !safe.MatchString(f.unit()) || len(name) > longestName {
				t.Fatalf("%s is named %q", f.path, name)
			}
			if err := checkNames(all); taken[name] && err == nil {
				t.Fatalf("%q is not unique", name)
			}
			taken[name] = true
		}
		if err := checkNames(all); err != nil && len(taken) == len(all) {
			t.Fatal(err)
		}
	})
}

func TestUnitName(t *testing.T) {
	for below, want := range map[string]string{
		"x.xml": "x", "pubmed26n1335.xml.gz": "pubmed26n1335", "a/b/x.XML.gz": "a.b.x", "a.b/x": "a.b.x",
		"a b.xml": "a_b-c8687a08", "a+b.xml": "a_b-300273da", "-x.xml": "_x-a4209624", "κ.xml": "_-fc7b6472",
		".": "_-cdb4ee2a",
	} {
		if got := (file{below: below}).unit(); got != want {
			t.Errorf("%s is named %s, want %s", below, got, want)
		}
	}
	long := (file{below: strings.Repeat("long/", 40) + "x.xml"}).unit()
	other := (file{below: strings.Repeat("long/", 40) + "y.xml"}).unit()
	if len(long) != longestName || long == other {
		t.Errorf("%s, %s", long, other)
	}
}

// The message about two files of one name tells what to do.
func TestSameName(t *testing.T) {
	for _, test := range []struct{ a, b, want string }{
		{"/in/p/x.xml", "/in/q/x.xml", "rename one of them, or give /in instead"},
		{"/in/p/x.xml", "/in/p/q/x.xml", "rename one of them, or give /in/p instead"},
		{"/in/x.xml", "/in/x.xml.gz", "rename one of them, or leave one out"},
		{"/in/x.xml", "/in/X.xml", "rename one of them, or leave one out"},
		{"/p/x.xml", "/q/x.xml", "rename one of them, or leave one out"},
	} {
		err := checkNames([]file{given(test.a), given(test.b)})
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.b) {
			t.Errorf("%s and %s: %v, want %q", test.a, test.b, err, test.want)
		}
	}
	err := checkNames([]file{given("../x.xml"), given("x.xml")})
	if err == nil || strings.Contains(err.Error(), "give ..") {
		t.Error(err)
	}
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
