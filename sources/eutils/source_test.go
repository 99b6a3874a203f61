package eutils_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/eutils"
	"github.com/pubmine/pubmine/sources/ncbitest"
)

func TestSourceContract(t *testing.T) {
	_, client, _ := ncbi(t, ncbitest.Config{Records: ncbitest.Records(300)}, eutils.Options{})
	plans := shelf{}
	t.Run("query", func(t *testing.T) {
		pipelinetest.RunSource(t, func(*testing.T) pipeline.Source {
			return eutils.NewQuery(client, plans, eutils.Query{Term: "volunteers", Max: 250})
		})
	})
	t.Run("list", func(t *testing.T) {
		pipelinetest.RunSource(t, func(*testing.T) pipeline.Source {
			return eutils.NewList(client, "list", []schemas.PMID{1008, 4, 1001})
		})
	})
}

// Once a query is answered, it is the plan that counts: PubMed may grow, and the network may be
// gone.
func TestPlanIsFrozen(t *testing.T) {
	records := ncbitest.Records(30)
	server, client, _ := ncbi(t, ncbitest.Config{Records: records}, eutils.Options{})
	plans, q := shelf{}, eutils.Query{Term: "volunteers"}
	want := titles(t, eutils.NewQuery(client, plans, q))
	if len(want) != 30 || len(plans) != 1 {
		t.Fatalf("%d records, %d plans", len(want), len(plans))
	}
	server.Add(ncbitest.Article(5, records[29].Entered, "A later record"))
	again := eutils.NewQuery(client, plans, q)
	if diff := cmp.Diff(want, titles(t, again)); diff != "" {
		t.Error(diff)
	}
	searches := 0
	for _, r := range server.Log() {
		if strings.Contains(r.Path, "esearch") {
			searches++
		}
	}
	if searches != 1 {
		t.Errorf("%d searches", searches)
	}
	if other := titles(t, eutils.NewQuery(client, plans, eutils.Query{Term: "volunteers", Max: 40})); len(other) != 31 {
		t.Errorf("another query has %d records", len(other))
	}
	server.Close()
	for _, source := range []*eutils.Source{again, eutils.NewQuery(client, plans, q)} {
		units, err := source.Units(context.Background())
		if err != nil || len(units) != 1 || units[0].Name != q.Name()+".0001" {
			t.Errorf("%v, %v", units, err)
		}
	}
	if _, err := readAll(again); !errors.Is(err, eutils.ErrUnavailable) {
		t.Error(err)
	}
}

// What a run has already is not fetched again, and the rest is the same.
func TestDocumentsFrom(t *testing.T) {
	server, client, _ := ncbi(t, ncbitest.Config{Records: ncbitest.Records(450)}, eutils.Options{})
	ctx := context.Background()
	source := eutils.NewQuery(client, shelf{}, eutils.Query{Term: "volunteers"})
	units, err := source.Units(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var all []schemas.PMID
	for doc, err := range source.Documents(ctx, units[0]) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, doc.PMID)
	}
	for n, pages := range map[int]int{0: 3, 1: 3, 64: 2, 449: 1, 450: 0, 512: 0} {
		before := len(server.Log())
		passed, docs := source.DocumentsFrom(ctx, units[0], n)
		var rest []schemas.PMID
		for doc, err := range docs {
			if err != nil {
				t.Fatal(err)
			}
			rest = append(rest, doc.PMID)
		}
		if passed != min(n, 450) || !slices.Equal(rest, all[passed:]) || len(server.Log())-before != pages {
			t.Errorf(
				"from %d on: %d passed over, %d records, %d requests", n, passed, len(rest),
				len(server.Log())-before,
			)
		}
	}
	passed, docs := source.DocumentsFrom(ctx, schemas.Unit{Name: "no unit"}, 3)
	for _, err := range docs {
		if err == nil || passed != 0 {
			t.Errorf("%d, %v", passed, err)
		}
	}
	reject := (*schemas.Reject)(nil)
	_, docs = eutils.NewList(client, "list", []schemas.PMID{1001, 4}).
		DocumentsFrom(ctx, schemas.Unit{Name: "list.0001"}, 1)
	for _, err := range docs {
		if !errors.As(err, &reject) || reject.Record != 1 {
			t.Errorf("%v", err)
		}
	}
}

func TestDamagedPlans(t *testing.T) {
	_, client, _ := ncbi(t, ncbitest.Config{Records: ncbitest.Records(5)}, eutils.Options{})
	q := eutils.Query{Term: "volunteers"}
	whole := shelf{}
	titles(t, eutils.NewQuery(client, whole, q))
	plan := string(whole[q.Name()])
	for _, damaged := range []string{
		"", plan[:len(plan)/2], strings.Replace(plan, "1008", "1009", 1),
		strings.Replace(plan, "volunteers", "nobody", 1),
		strings.Replace(plan, `"format":2`, `"format":3`, 1), strings.Replace(plan, "1008,", "", 1),
	} {
		_, err := eutils.NewQuery(client, shelf{q.Name(): []byte(damaged)}, q).Units(context.Background())
		if bad := (*schemas.BadInputError)(nil); !errors.As(err, &bad) || !strings.Contains(err.Error(), "remove it") {
			t.Errorf("%q: %v", damaged, err)
		}
	}
}

// A long list is several units, whose digests depend on their own PMIDs alone.
func TestLongListsAreCut(t *testing.T) {
	_, client, _ := ncbi(t, ncbitest.Config{}, eutils.Options{})
	pmids := make([]schemas.PMID, 25_000)
	for i := range pmids {
		pmids[i] = schemas.PMID(i + 1)
	}
	ctx := context.Background()
	digests := func(pmids []schemas.PMID) (all []string) {
		source := eutils.NewList(client, "list", pmids)
		units, err := source.Units(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for i, u := range units {
			digest, err := source.Digest(ctx, u)
			if err != nil || u.Name != fmt.Sprintf("list.%04d", i+1) || u.Stamp != digest {
				t.Errorf("%+v: digest %s, %v", u, digest, err)
			}
			all = append(all, digest)
		}
		return all
	}
	whole := digests(pmids)
	longer := digests(append(slices.Clone(pmids), 30_000))
	if len(whole) != 3 || len(longer) != 3 || !slices.Equal(whole[:2], longer[:2]) || whole[2] == longer[2] {
		t.Errorf("%v\n%v", whole, longer)
	}
	if _, err := eutils.NewList(client, "list", pmids).Digest(ctx, schemas.Unit{Name: "list.0004"}); err == nil {
		t.Error("a unit that is not there has a digest")
	}
	if none := digests(nil); none != nil {
		t.Errorf("%v", none)
	}
}

func TestReadPMIDs(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "[]",
		"1\n22\n\n 333 \n":                 "[1 22 333]",
		"\uFEFF7\r\n8 # eight\r\n# no\n":   "[7 8]",
		"5\n6\n5":                          "[5 6]",
		"999999999":                        "[999999999]",
		"1000000000":                       "line 1",
		"3\n0\n":                           "line 2",
		"01":                               "line 1",
		"34320281,1":                       "line 1",
		"-3":                               "line 1",
		"PMID 3":                           "line 1",
		"１２":                               "line 1",
		"1\n" + strings.Repeat("1", 1<<17): "line 2",
	} {
		pmids, err := eutils.ReadPMIDs(strings.NewReader(text))
		if got := fmt.Sprint(pmids); err == nil && got != want || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.40q: %s, %v", text, got, err)
		}
	}
}
