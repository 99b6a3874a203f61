package eutils

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/pubmine/pubmine/schemas"
)

func readShared(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "eutils", filepath.FromSlash(name)))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("needs real replies below ../shared/data/eutils")
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Replies that NCBI has sent.
func TestRealSearches(t *testing.T) {
	for _, test := range []struct {
		file         string
		count, limit int
		warnings     int
	}{
		{"biopython/Entrez/esearch1.xml", 63, 20, 0},
		{"biopython/Entrez/esearch8.xml", 0, 20, 1},
		{"klortho/esearch.pubmed.xml", 15_169, 100, 0},
		{"klortho/esearch.error.xml", 5_163, 20, 1},
	} {
		f, err := readSearch(readShared(t, test.file), test.limit)
		if err != nil || f.count != test.count || len(f.pmids) != min(test.count, test.limit) ||
			len(f.warnings) != test.warnings {
			t.Errorf("%s: count %d, %d PMIDs, %q, %v", test.file, f.count, len(f.pmids), f.warnings, err)
		}
		if _, err := readSearch(readShared(t, test.file), test.limit+test.count); test.count > test.limit &&
			!worthAnotherTry(err) {
			t.Errorf("%s: a list that is too short is taken: %v", test.file, err)
		}
	}
	_, err := readSearch(readShared(t, "klortho/esearch.baderror.xml"), 20)
	if err == nil || worthAnotherTry(err) || !strings.Contains(err.Error(), "Invalid db name specified: fleegle") {
		t.Error(err)
	}
	if _, err := readSearch(readShared(t, "klortho/esummary.error.xml"), 20); err == nil || worthAnotherTry(err) {
		t.Error(err)
	}
}

func TestRealRecords(t *testing.T) {
	for file, pmids := range map[string][]schemas.PMID{
		"biopython/Entrez/pubmed2.xml":  {11748933, 11700088},
		"biopython/Entrez/pubmed4.xml":  {27797938},
		"klortho/efetch.pubmedbook.xml": nil,
		"klortho/efetch.pubmed.xml":     nil,
	} {
		body := readShared(t, file)
		got, err := readRecords(body, pmids)
		if err != nil || len(got) != len(pmids) {
			t.Errorf("%s: %d records, %v", file, len(got), err)
		}
		for cut := 0; cut < len(strings.TrimSpace(string(body))); cut += 1000 {
			if got, err := readRecords(body[:cut], pmids); !worthAnotherTry(err) {
				t.Errorf("%s, cut at %d: %d records, %v", file, cut, len(got), err)
			}
		}
	}
	if _, err := readRecords(readShared(t, "biopython/Entrez/pubmed3.html"), nil); !worthAnotherTry(err) {
		t.Error(err)
	}
}

func TestCheckXML(t *testing.T) {
	for body, want := range map[string]string{
		"<a></a>": "ok",
		"\uFEFF<?xml version='1.0'?>\n<!DOCTYPE a>\n<a>x</a>\n": "ok",
		"<a/>":    "ok",
		"<a />\n": "ok",
		"<?xml version='1.0' encoding='ISO-8859-1'?><a></a>": "ok",
		"<a><b></b>":               "again",
		"<a><b/>":                  "again",
		"<a></a><b></b>":           "again",
		"<a></a> <!-- junk -->":    "again",
		"<ab></ab>":                "again",
		"</a>":                     "again",
		"<!-- </a>":                "again",
		"":                         "again",
		"<a><ERROR>no</ERROR></a>": "final",
		"<ERROR>no</ERROR>":        "final",
		"<x><ERROR/></x>":          "final",
		"<x><ERROR>Search Backend failed: no</ERROR></x>": "again",
	} {
		err := checkXML([]byte(body), "a")
		got := "ok"
		if worthAnotherTry(err) {
			got = "again"
		} else if err != nil {
			got = "final"
		}
		if got != want {
			t.Errorf("%s: %s, want %s: %v", body, got, want, err)
		}
	}
}

func TestHalves(t *testing.T) {
	day := func(n int) time.Time { return ever.first.AddDate(0, 0, n) }
	for n := 1; n < 40; n++ {
		older, newer := days{day(0), day(n)}.halves()
		if older.first != day(0) || newer.last != day(n) || newer.first != older.last.AddDate(0, 0, 1) ||
			older.last.Before(older.first) ||
			newer.last.Before(newer.first) {
			t.Errorf("%d days: %v and %v", n+1, older, newer)
		}
	}
}

func TestShorten(t *testing.T) {
	for _, text := range []string{
		"", "a\nb", strings.Repeat("é", 300), strings.Repeat("\xff", 300), strings.Repeat("xé", 100),
	} {
		if short := shorten(text); len(short) > shownOfErrors+len(" …") || !utf8.ValidString(short) ||
			strings.Contains(short, "\n") {
			t.Errorf("%q", short)
		}
	}
}

func FuzzReadSearch(f *testing.F) {
	f.Add([]byte(`<?xml version="1.0"?><eSearchResult><Count>2</Count><IdList><Id>1</Id><Id>23</Id></IdList>`+
		`</eSearchResult>`), 20)
	f.Add([]byte(`<eSearchResult><Count>1</Count><IdList><Id>1,2</Id></IdList></eSearchResult>`), 1)
	f.Add([]byte(`<eSearchResult><ERROR>no</ERROR></eSearchResult>`), 1)
	f.Fuzz(func(t *testing.T, body []byte, limit int) {
		found, err := readSearch(body, limit)
		if err != nil {
			return
		}
		if len(found.pmids) != min(found.count, limit) {
			t.Errorf("%d PMIDs of %d, limit %d", len(found.pmids), found.count, limit)
		}
		for _, pmid := range found.pmids {
			if pmid < 1 || pmid > 999_999_999 {
				t.Errorf("PMID %d", pmid)
			}
		}
	})
}

func FuzzReadRecords(f *testing.F) {
	f.Add(
		[]byte(
			`<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">1</PMID><Article><ArticleTitle>` +
				`T</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>`,
		),
	)
	f.Add([]byte(`<PubmedArticleSet></PubmedArticleSet>`))
	f.Add([]byte(`<PubmedArticleSet><DeleteCitation><PMID>1</PMID></DeleteCitation></PubmedArticleSet>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		asked := []schemas.PMID{1, 2}
		got, err := readRecords(body, asked)
		if err != nil && got != nil {
			t.Error("records with an error")
		}
		for pmid, item := range got {
			if pmid != 1 && pmid != 2 || (item.Document == nil) == (item.Reject == nil) ||
				item.Document != nil && item.Document.PMID != pmid {
				t.Errorf("PMID %d: %+v", pmid, item)
			}
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, header := range []string{
		"", "1", "-1", "99999999999999999999", "Thu, 01 Jan 1970 00:00:00 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
	} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if wait := retryAfter(header, time.Unix(1e9, 0)); wait < 0 {
			t.Errorf("%q: %v", header, wait)
		}
	})
}

func FuzzDecodePlan(f *testing.F) {
	plan := Plan{Query: Query{Term: "x"}, PMIDs: []schemas.PMID{1, 2}}
	data, err := plan.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		plan, err := decodePlan(data, Query{Term: "x"})
		if err == nil && plan.Digest != digest(plan.PMIDs) {
			t.Error("a plan whose digest does not hold")
		}
	})
}

// Every byte of a plan counts, and plans of the format before this one, without a checksum, are
// read.
func TestDamagedPlan(t *testing.T) {
	plan := Plan{Query: Query{Term: "x"}, Count: 3, PMIDs: []schemas.PMID{1, 2}}
	data, err := plan.encode()
	if err != nil {
		t.Fatal(err)
	}
	name := plan.Query.Name()
	if err := CheckPlan(name, data); err != nil {
		t.Fatal(err)
	}
	if CheckPlan("query-1", data) == nil {
		t.Error("accepted under another name")
	}
	for i := range data {
		if CheckPlan(name, data[:i]) == nil {
			t.Errorf("cut at %d goes unnoticed", i)
		}
		for bit := range 8 {
			flipped := bytes.Clone(data)
			flipped[i] ^= 1 << bit
			if CheckPlan(name, flipped) == nil {
				t.Errorf("bit %d of byte %d (%q) goes unnoticed", bit, i, data[i])
			}
		}
	}
	plan.Format = 1
	old, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodePlan(append(old, '\n'), plan.Query)
	if err != nil || !slices.Equal(got.PMIDs, plan.PMIDs) {
		t.Errorf("%+v, %v", got, err)
	}
}
