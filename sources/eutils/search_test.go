package eutils_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/eutils"
	"github.com/pubmine/pubmine/sources/ncbitest"
)

func search(t *testing.T, client *eutils.Client, q eutils.Query) ([]schemas.PMID, int) {
	t.Helper()
	pmids, count, _, err := client.Search(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return pmids, count
}

// Many more matches than one list holds: the parts are the whole, newest first.
func TestSearchBeyondTheCeiling(t *testing.T) {
	records := ncbitest.Records(25_000)
	server, client, _ := ncbi(t, ncbitest.Config{Records: records}, eutils.Options{Key: canary})
	pmids, count := search(t, client, eutils.Query{Term: "volunteers"})
	if count != len(records) || len(pmids) != len(records) {
		t.Fatalf("%d PMIDs, count %d, of %d records", len(pmids), count, len(records))
	}
	t.Logf("%d requests for %d PMIDs", len(server.Log()), len(pmids))
	sorted := slices.Sorted(slices.Values(pmids))
	if !slices.Equal(sorted, pmidsOf(records)) {
		t.Error("other PMIDs than the records'")
	}
	if pmids[0] < pmids[len(pmids)-1] {
		t.Error("oldest first")
	}
	again, _ := search(t, client, eutils.Query{Term: "volunteers"})
	if !slices.Equal(again, pmids) {
		t.Error("another search gives another order")
	}
	for _, most := range []int{500, 9_999, 10_000} {
		some, count := search(t, client, eutils.Query{Term: "volunteers", Max: most})
		if count != len(records) || !slices.Equal(some, pmids[:most]) {
			t.Errorf("max %d: %d PMIDs, count %d", most, len(some), count)
		}
	}
	polite(t, server, canary)
}

// At and around the ceiling, where one record is easily lost.
func TestSearchAtTheCeiling(t *testing.T) {
	for _, n := range []int{0, 1, 9_998, 9_999, 10_000, 10_001} {
		records := ncbitest.Records(max(n, 1))
		term := "volunteers"
		if n == 0 {
			term = "nobody"
		}
		_, client, _ := ncbi(t, ncbitest.Config{Records: records}, eutils.Options{})
		if pmids, count := search(t, client, eutils.Query{Term: term}); count != n || len(pmids) != n {
			t.Errorf("%d PMIDs, count %d, of %d", len(pmids), count, n)
		}
	}
}

// Old journals count, too: for PubMed an article of 1840 entered PubMed in 1840.
func TestSearchOldJournals(t *testing.T) {
	records := append(
		ncbitest.Records(10_500), ncbitest.Article(3, time.Date(1840, 10, 3, 0, 0, 0, 0, time.UTC), "On leeches"),
	)
	_, client, _ := ncbi(t, ncbitest.Config{Records: records}, eutils.Options{})
	if pmids, _ := search(t, client, eutils.Query{Term: "volunteers"}); len(pmids) != len(records) ||
		pmids[len(pmids)-1] != 3 {
		t.Errorf("%d PMIDs of %d", len(pmids), len(records))
	}
}

func TestSearchSince(t *testing.T) {
	records := ncbitest.Records(12_000)
	_, client, _ := ncbi(t, ncbitest.Config{Records: records}, eutils.Options{})
	for _, at := range []int{100, 11_900} {
		since := records[at].Entered
		want := 0
		for _, r := range records {
			if !r.Entered.Before(since) {
				want++
			}
		}
		if pmids, count := search(t, client, eutils.Query{Term: "volunteers", Since: since.Format(time.DateOnly)}); len(
			pmids,
		) != want ||
			count != want {
			t.Errorf("since %v: %d PMIDs, want %d", since, len(pmids), want)
		}
	}
	for _, since := range []string{"2026", "01.02.2026", "2026-02-30", "1492-01-01", "2200-01-01"} {
		if _, _, _, err := client.Search(context.Background(), eutils.Query{Term: "x", Since: since}); err == nil {
			t.Errorf("since %s is taken", since)
		}
	}
}

// PubMed ignores a phrase that it does not know and answers the rest of the query. The plan must
// have a warning.
func TestSearchWarns(t *testing.T) {
	_, client, _ := ncbi(t, ncbitest.Config{Records: ncbitest.Records(10)}, eutils.Options{})
	pmids, _, warnings, err := client.Search(context.Background(), eutils.Query{Term: "volunteers AND fleegle"})
	if err != nil || len(pmids) != 10 || len(warnings) != 1 || !strings.Contains(warnings[0], `"fleegle"`) {
		t.Errorf("%d PMIDs, %q, %v", len(pmids), warnings, err)
	}
	if _, _, _, err := client.Search(context.Background(), eutils.Query{Term: " "}); err == nil ||
		errors.Is(err, eutils.ErrUnavailable) {
		t.Errorf("no term: %v", err)
	}
}

// One day cannot be halved.
func TestSearchDayTooFull(t *testing.T) {
	day := time.Date(2020, 2, 2, 0, 0, 0, 0, time.UTC)
	records := make([]ncbitest.Record, 10_000)
	for i := range records {
		records[i] = ncbitest.Record{PMID: uint32(i + 1), Entered: day, XML: "x"}
	}
	_, client, _ := ncbi(t, ncbitest.Config{Records: records}, eutils.Options{})
	if _, _, _, err := client.Search(context.Background(), eutils.Query{Term: "x"}); err == nil ||
		!strings.Contains(err.Error(), "2020-02-02") {
		t.Error(err)
	}
}

// Records that arrive during a search make it start over; if that never ends the search fails.
func TestSearchWhileTheIndexMoves(t *testing.T) {
	for _, test := range []struct {
		moves int
		whole bool
	}{{1, true}, {1000, false}} {
		var server *ncbitest.Server
		added := 0
		records := ncbitest.Records(12_000)
		config := ncbitest.Config{Records: records, Fault: func(n int) ncbitest.Fault {
			if n > 0 && n%3 == 0 && added < test.moves {
				server.Add(ncbitest.Article(uint32(9_000_000+n), records[0].Entered, "late volunteers"))
				added++
			}
			return nil
		}}
		var client *eutils.Client
		server, client, _ = ncbi(t, config, eutils.Options{})
		pmids, count, _, err := client.Search(context.Background(), eutils.Query{Term: "volunteers"})
		if test.whole && (err != nil || count != 12_001 || len(pmids) != 12_001) {
			t.Errorf("%d PMIDs, count %d, %v", len(pmids), count, err)
		}
		if !test.whole && !errors.Is(err, eutils.ErrUnavailable) {
			t.Errorf("%d PMIDs, count %d, %v", len(pmids), count, err)
		}
	}
}
