package bulk

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// index is a page as Apache writes it, with names that are not files'.
func index(names ...string) string {
	var b strings.Builder
	b.WriteString(
		"<html><head><title>Index of /pubmed</title></head><body><pre>Name Last modified Size<hr><a " +
			"href=\"/pubmed/\">Parent Directory</a>  -\n",
	)
	for _, n := range names {
		fmt.Fprintf(&b, "<a href=\"%s\">%.20s</a>  2026-01-0%d 14:05   19M\n", n, n, 1+len(b.String())%9)
	}
	return b.String() + "<hr></pre></body></html>\n"
}

func TestParseListing(t *testing.T) {
	page := index(
		"pubmed26n0001.xml.gz", "pubmed26n0001.xml.gz.md5", "pubmed26n0002.xml.gz", "pubmed26n0001.xml.gz",
		"README.txt", "../pubmed26n0003.xml.gz", "https://elsewhere.org/pubmed26n0004.xml.gz",
		"pubmed26n00005.xml.gz", "Pubmed26n0006.xml.gz", "pubmed26n0007.xml.gz?C=N", "pubmed26n0008.xml.gz%00",
		"xpubmed26n0009.xml.gz", "pubmed26n0000.xml.gz", "pubmed26n0010.xml",
	)
	files, err := parseListing(Baseline, []byte(page))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Unit())
		if f.Changed.IsZero() || f.Size != 19<<20 || f.Changed.Hour() != 14 || f.Release != "pubmed26" ||
			f.Folder != Baseline {
			t.Errorf("%+v", f)
		}
	}
	if diff := cmp.Diff([]string{"pubmed26n0001", "pubmed26n0002"}, names); diff != "" {
		t.Error(diff)
	}
	if _, err := parseListing(Baseline, []byte(page[:len(page)/2])); !errors.Is(err, ErrListing) {
		t.Errorf("cut page: %v", err)
	}
	table := `<HTML><table><tr><td><A HREF="pubmed25n1275.xml.gz">pubmed25n1275</A></td><td align="right">` +
		`2025-01-15 02:10  </td><td align="right">1.5M</td></tr></table></HTML>`
	files, err = parseListing(UpdateFiles, []byte(table))
	want := []File{
		{
			Folder: UpdateFiles, Name: "pubmed25n1275.xml.gz", Release: "pubmed25", Number: 1275,
			Changed: time.Date(2025, 1, 15, 2, 10, 0, 0, time.UTC), Size: 3 << 19,
		},
	}
	if diff := cmp.Diff(want, files); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"": 0, "-": 0, "7": 7, "1K": 1 << 10, "19M": 19 << 20, "2.5G": 5 << 29, "123456789": 123456789,
	} {
		if got := parseSize(text); got != want {
			t.Errorf("%q: %d, not %d", text, got, want)
		}
	}
}

func TestParseMD5(t *testing.T) {
	const name, sum = "pubmed26n0001.xml.gz", "0123456789abcdef0123456789abcdef"
	for _, good := range []string{
		"MD5(" + name + ")= " + sum + "\n", "MD5 (" + name + ") = " + sum, sum, sum + "\n", sum + "  " + name + "\n",
		sum + " *" + name,
		strings.ToUpper(sum) + "  " + name,
	} {
		if got, err := parseMD5([]byte(good), name); err != nil || got != sum {
			t.Errorf("%q: %q, %v", good, got, err)
		}
	}
	for _, bad := range []string{
		"", "MD5(pubmed26n0002.xml.gz)= " + sum, sum + "  other", sum[:31], sum + "0", "<html>" + sum + "</html>",
		sum + "\n" + sum,
		"MD5(" + name + ")= " + sum[:31] + "g",
	} {
		if got, err := parseMD5([]byte(bad), name); !errors.Is(err, ErrSidecar) {
			t.Errorf("%q: %q, %v", bad, got, err)
		}
	}
}

func FuzzParseListing(f *testing.F) {
	f.Add([]byte(index("pubmed26n0001.xml.gz")))
	f.Fuzz(func(t *testing.T, page []byte) {
		files, err := parseListing(Baseline, page)
		if err == nil && len(files) > len(page)/20 {
			t.Errorf("%d files", len(files))
		}
		for _, g := range files {
			if !fileName.MatchString(g.Name) || g.Number < 1 || g.Number > 9999 {
				t.Errorf("%+v", g)
			}
		}
	})
}

func FuzzParseMD5(f *testing.F) {
	f.Add([]byte("MD5(pubmed26n0001.xml.gz)= 0123456789abcdef0123456789abcdef\n"), "pubmed26n0001.xml.gz")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		sum, err := parseMD5(data, name)
		if (err == nil) != (len(sum) == 32) || strings.ToLower(sum) != sum {
			t.Errorf("%q, %v", sum, err)
		}
	})
}

func listed(baseline, updates int) []File {
	var files []File
	for n := 1; n <= baseline+updates; n++ {
		folder := Baseline
		if n > baseline {
			folder = UpdateFiles
		}
		f, _ := parseName(folder, fmt.Sprintf("pubmed26n%04d.xml.gz", n))
		files = append(files, f)
	}
	return files
}

// A listing in any order gives the files in order; without any one of its files but the last, or
// with one twice, none.
func TestPlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := listed(rapid.IntRange(1, 5).Draw(t, "baseline"), rapid.IntRange(1, 5).Draw(t, "updates"))
		old, _ := parseName(UpdateFiles, "pubmed25n1500.xml.gz")
		shuffled := rapid.Permutation(append([]File{old}, all...)).Draw(t, "listing")
		p, err := NewPlan(shuffled)
		if diff := cmp.Diff(all, p.Files); err != nil || diff != "" || p.Release != "pubmed26" {
			t.Error(p.Release, err, diff)
		}
		i := rapid.IntRange(0, len(all)-2).Draw(t, "one")
		if _, err := NewPlan(append(append([]File{}, all[:i]...), all[i+1:]...)); !errors.Is(err, ErrIncomplete) {
			t.Errorf("without %s: %v", all[i].Name, err)
		}
		if _, err := NewPlan(append(all[:len(all):len(all)], all[i])); !errors.Is(err, ErrIncomplete) {
			t.Errorf("%s twice: %v", all[i].Name, err)
		}
	})
	next, _ := parseName(Baseline, "pubmed27n0001.xml.gz")
	for name, files := range map[string][]File{
		"nothing": nil, "updates alone": listed(1, 3)[1:], "two releases": append(listed(2, 0), next),
	} {
		if _, err := NewPlan(files); !errors.Is(err, ErrIncomplete) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
