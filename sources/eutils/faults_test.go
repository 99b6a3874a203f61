package eutils_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/eutils"
	"github.com/pubmine/pubmine/sources/ncbitest"
)

// passing are faults after which the same request, sent again, is answered.
func passing() map[string]ncbitest.Fault {
	faults := map[string]ncbitest.Fault{
		"hang up":     ncbitest.Hangup,
		"page as 200": ncbitest.Page(200),
		"page as 500": ncbitest.Page(500),
		"page as 502": ncbitest.Page(502),
		"backend":     ncbitest.Complains("Search Backend failed: Database is not supported: pubmed"),
		"no content":  ncbitest.Says(204, "text/xml", ""),
		"empty":       ncbitest.Says(200, "text/xml", ""),
		"words":       ncbitest.Says(200, "text/plain", "try again later"),
		"rate as 200": ncbitest.Says(
			200, "application/json", `{"error":"API rate limit exceeded","api-key":"127.0.0.1"}`,
		),
		"rate as 400": ncbitest.Says(
			400, "application/json", `{"error":"API rate limit exceeded","api-key":"127.0.0.1"}`,
		),
		"rate as XML": ncbitest.Says(
			400, "text/xml", `<eFetchResult><ERROR>API rate limit exceeded</ERROR></eFetchResult>`,
		),
		"other root": ncbitest.Says(200, "text/xml", `<eInfoResult></eInfoResult>`),
		"500 and right": func(w http.ResponseWriter, r *http.Request, right ncbitest.Reply) {
			right.Status = 500
			ncbitest.Right(w, r, right)
		},
		"backend as 400": ncbitest.Says(400, "text/xml",
			`<eFetchResult><ERROR>Search Backend failed: no answer</ERROR></eFetchResult>`),
	}
	for _, header := range []string{
		"", "0", "3", "-1", "99999999", "soon", "Thu, 01 Jan 1970 00:00:00 GMT", "Sun, 01 Mar 2026 12:00:20 GMT",
	} {
		faults["429 "+header] = ncbitest.TooMany(header)
	}
	for _, status := range []int{408, 425, 500, 501, 502, 503, 504, 520} {
		faults[fmt.Sprint("status ", status)] = ncbitest.Says(status, "text/plain", "no")
	}
	for _, n := range []int{0, 1, 30, 200, 5000} {
		faults[fmt.Sprint("cut ", n)] = ncbitest.Cut(n)
		faults[fmt.Sprint("cut in chunks ", n)] = ncbitest.CutChunked(n)
		faults[fmt.Sprint("cut silently ", n)] = ncbitest.CutSilently(n)
		faults[fmt.Sprint("cut gzip ", n/10)] = ncbitest.CutGzip(n / 10)
	}
	return faults
}

// Every fault, four times in a row before each request: nothing is lost, doubled or wrong, and the
// pace is kept.
func TestFaultSweep(t *testing.T) {
	records := ncbitest.Records(450)
	var want []string
	for name, fault := range passing() {
		for _, key := range []string{"", canary} {
			var broken atomic.Int64 // handlers of connections given up may still run
			server, client, _ := ncbi(t, ncbitest.Config{Records: records, Fault: func(n int) ncbitest.Fault {
				if n%5 == 4 {
					return nil
				}
				broken.Add(1)
				return fault
			}}, eutils.Options{Key: key})
			source := eutils.NewQuery(client, shelf{}, eutils.Query{Term: "volunteers"})
			plan, err := source.Plan(context.Background())
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if want == nil {
				want = truth(t, records, plan.PMIDs)
			}
			read, err := readAll(source)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if diff := cmp.Diff(want, read); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			if n := broken.Load(); n != 4*4 { // a search and three pages
				t.Errorf("%s: %d faults", name, n)
			}
			polite(t, server, key)
			server.Close()
		}
	}
}

// A reply cut at every KiB, in each of three ways, is never taken for the whole.
func TestCutAtEveryKiB(t *testing.T) {
	records := ncbitest.Records(60)
	pmids := pmidsOf(records)
	want := truth(t, records, pmids)
	size := 0
	for _, r := range records {
		size += len(r.XML)
	}
	cuts := []func(int) ncbitest.Fault{ncbitest.Cut, ncbitest.CutChunked, ncbitest.CutSilently}
	if testing.Short() {
		cuts = cuts[2:]
	}
	var fault ncbitest.Fault
	var requests atomic.Int64
	server, client, _ := ncbi(t, ncbitest.Config{Records: records, Fault: func(int) ncbitest.Fault {
		if requests.Add(1)%2 == 1 {
			return fault
		}
		return nil
	}}, eutils.Options{})
	runs := 0
	for _, cut := range cuts {
		for n := 0; n < size; n += 1 << 10 {
			fault = cut(n)
			if diff := cmp.Diff(want, titles(t, eutils.NewList(client, "list", pmids))); diff != "" {
				t.Fatalf("cut at %d: %s", n, diff)
			}
			runs++
		}
	}
	if got := len(server.Log()); got != 2*runs {
		t.Errorf("%d requests for %d replies of which each was cut once", got, runs)
	}
	polite(t, server, "")
}

// Complete replies with wrong content.
func TestDeliveredIsHeldAgainstAsked(t *testing.T) {
	records := ncbitest.Records(50)
	pmids := pmidsOf(records)
	want := truth(t, records, pmids)
	stranger := ncbitest.Article(77, time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC), "A stranger")
	older := records[3]
	older.XML = strings.Replace(
		strings.Replace(older.XML, `Version="1"`, `Version="2"`, 1), "Effects", "Better effects", 1,
	)
	for name, test := range map[string]struct {
		fault    ncbitest.Fault
		requests int
		want     string // of record 3, when it is another
	}{
		"lost":      {ncbitest.Lose(20), 2, ""},
		"all lost":  {ncbitest.Lose(50), 2, ""},
		"twice":     {ncbitest.Twice(), 1, ""},
		"stranger":  {ncbitest.Also(stranger), 1, ""},
		"backwards": {ncbitest.Backwards(), 1, ""},
		"version 2": {ncbitest.Also(older), 1, "Better effects"},
		"torn": {
			ncbitest.Change(func(p []string) []string { p[9] = strings.Replace(p[9], "</Article>", "", 1); return p }),
			2, "",
		},
		"torn title": {
			ncbitest.Change(func(p []string) []string { p[9] = strings.Replace(p[9], "<PMID", "<PMI", 1); return p }),
			2, "",
		},
	} {
		server, client, _ := ncbi(t, ncbitest.Config{Records: records, Fault: func(n int) ncbitest.Fault {
			if n == 0 {
				return test.fault
			}
			return nil
		}}, eutils.Options{})
		got := titles(t, eutils.NewList(client, "list", pmids))
		for i := range want {
			if i == 3 && test.want != "" {
				if !strings.Contains(got[i], test.want) {
					t.Errorf("%s: %q", name, got[i])
				}
			} else if got[i] != want[i] {
				t.Errorf("%s: record %d is %q", name, i, got[i])
			}
		}
		if n := len(server.Log()); n != test.requests || len(got) != len(want) {
			t.Errorf("%s: %d requests, %d records", name, n, len(got))
		}
	}
}

// Records that PubMed does not have, and broken ones, are rejects in their places.
func TestMissingRecordsAreRejects(t *testing.T) {
	records := ncbitest.Records(3)
	records[1].XML = strings.Replace(records[1].XML, "</Article>", "", 1)
	_, client, _ := ncbi(t, ncbitest.Config{Records: records}, eutils.Options{})
	got := titles(t, eutils.NewList(client, "list", []schemas.PMID{5, 1015, 1008, 999_999_999}))
	if len(got) != 4 || got[0] != "5: fetch missing at 0" || !strings.HasPrefix(got[1], "1015: Effects") ||
		got[2] != "1008: decode malformed-xml at 2" || got[3] != "999999999: fetch missing at 3" {
		t.Errorf("%q", got)
	}
}

// A refusal is final and is asked for once.
func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		fault   ncbitest.Fault
		message string
	}{
		{
			ncbitest.Says(
				400, "text/xml",
				"<eFetchResult><ERROR>Cannot retrieve history data: OUT OF RANGE</ERROR></eFetchResult>",
			),
			"OUT OF RANGE",
		},
		{ncbitest.Complains("Invalid db name specified: fleegle"), "Invalid db name"},
		{ncbitest.Says(400, "application/json", `{"error":"API key invalid","api-key":"`+canary+`"}`), "NCBI_API_KEY"},
		{ncbitest.Says(200, "application/json", `{"error":"API key invalid","api-key":"`+canary+`"}`), "NCBI_API_KEY"},
		{ncbitest.Says(403, "text/html", "<html>blocked</html>"), "eutilities@ncbi.nlm.nih.gov"},
		{ncbitest.Says(404, "text/html", strings.Repeat("no ", 1000)), "status 404"},
		{ncbitest.Says(414, "text/plain", "too long"), "status 414"},
	} {
		server, client, _ := ncbi(
			t, ncbitest.Config{Fault: func(int) ncbitest.Fault { return test.fault }}, eutils.Options{Key: canary},
		)
		_, err := client.Fetch(context.Background(), []schemas.PMID{1})
		if err == nil || errors.Is(err, eutils.ErrUnavailable) || !strings.Contains(err.Error(), test.message) ||
			len(err.Error()) > 300 {
			t.Errorf("%s: %v", test.message, err)
		}
		if n := len(server.Log()); n != 1 {
			t.Errorf("%s: %d requests", test.message, n)
		}
	}
}

// A fault that does not pass ends in ErrUnavailable, after seven requests and a reasonable time,
// and nothing of it has the key.
func TestUnavailable(t *testing.T) {
	var elsewhere atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer other.Close()
	faults := passing()
	for _, n := range []string{"200", "5000"} { // longer than this reply
		delete(faults, "cut "+n)
		delete(faults, "cut in chunks "+n)
		delete(faults, "cut silently "+n)
		delete(faults, "cut gzip "+n[:len(n)-1])
	}
	faults["redirect"] = ncbitest.RedirectTo(other.URL + "/?api_key=" + canary)
	faults["redirect to nowhere"] = ncbitest.RedirectTo("%zz" + canary)
	faults["echo"] = ncbitest.Echo(500)
	faults["echo as 200"] = ncbitest.Echo(200)
	for name, fault := range faults {
		server, client, clock := ncbi(
			t, ncbitest.Config{Fault: func(int) ncbitest.Fault { return fault }}, eutils.Options{Key: canary},
		)
		start := clock.Now()
		_, err := client.Fetch(context.Background(), []schemas.PMID{1})
		if !errors.Is(err, eutils.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
		if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(
			strings.ToLower(text), strings.ToLower(canary),
		) ||
			strings.Contains(text, "\n") {
			t.Errorf("%s: error %s", name, text)
		}
		if n, took := len(server.Log()), clock.Now().Sub(start); n != 7 || took < 31*time.Second ||
			took > 31*time.Minute {
			t.Errorf("%s: %d requests in %v", name, n, took)
		}
		polite(t, server, canary)
		server.Close()
	}
	if elsewhere.Load() > 0 {
		t.Error("a redirect to another host was followed")
	}
}

// The key does not get out by what a server puts into records.
func TestKeyInRecords(t *testing.T) {
	records := []ncbitest.Record{
		ncbitest.Article(1, time.Unix(0, 0), "A title with "+canary),
		{PMID: 2, XML: "<PubmedArticle><PMID>2</PMID>" + canary + "</PubmedArticle>" + canary},
	}
	_, client, _ := ncbi(t, ncbitest.Config{Records: records}, eutils.Options{Key: canary})
	items, err := client.Fetch(context.Background(), []schemas.PMID{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range items {
		if text := fmt.Sprintf("%+v %+v", item.Document, item.Reject); strings.Contains(text, canary) {
			t.Error(text)
		}
	}
}
