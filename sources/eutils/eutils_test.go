package eutils_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/eutils"
	"github.com/pubmine/pubmine/sources/ncbitest"
)

// canary is an API key that must be seen in the bodies of requests alone.
const canary = "CANARY0123456789abcdef0123456789abcd"

// ncbi starts a server and a client on one clock that passes in no time.
func ncbi(t *testing.T, config ncbitest.Config, o eutils.Options) (*ncbitest.Server, *eutils.Client, *ncbitest.Clock) {
	t.Helper()
	clock := ncbitest.NewClock()
	config.Now, config.Keys = clock.Now, []string{canary}
	server := ncbitest.Start(config)
	t.Cleanup(server.Close)
	o.BaseURL, o.Clock, o.Email = server.EUtils(), clock, "someone@example.org"
	client, err := eutils.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return server, client, clock
}

// polite checks the server's own log: pace, parameters, and where the key is.
func polite(t *testing.T, server *ncbitest.Server, key string) {
	t.Helper()
	pace, most := 400*time.Millisecond, 3
	if key != "" {
		pace, most = 125*time.Millisecond, 8
	}
	log := server.Log()
	for i, r := range log {
		if i > 0 && r.At.Sub(log[i-1].At) < pace {
			t.Errorf("request %d came %v after the one before", i, r.At.Sub(log[i-1].At))
		}
		if r.Form.Get("tool") != "pubmine" || r.Form.Get("email") != "someone@example.org" ||
			r.Form.Get("api_key") != key {
			t.Errorf("request %d: parameters %v", i, r.Form)
		}
		if strings.Contains(r.Path, "?") {
			t.Errorf("request %d: %s", i, r.Path)
		}
	}
	if n := server.Busiest(); n > most {
		t.Errorf("%d requests in a second", n)
	}
}

func pmidsOf(records []ncbitest.Record) []schemas.PMID {
	pmids := make([]schemas.PMID, len(records))
	for i, r := range records {
		pmids[i] = schemas.PMID(r.PMID)
	}
	return pmids
}

// shelf keeps plans in memory.
type shelf map[string][]byte

func (s shelf) Get(name string) ([]byte, error) {
	if data, ok := s[name]; ok {
		return data, nil
	}
	return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
}

func (s shelf) Put(name string, data []byte) error { s[name] = data; return nil }

// titles reads a source to its end and returns the titles of its records.
func titles(t *testing.T, source *eutils.Source) (read []string) {
	t.Helper()
	read, err := readAll(source)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func readAll(source *eutils.Source) (read []string, err error) {
	ctx := context.Background()
	units, err := source.Units(ctx)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		for doc, err := range source.Documents(ctx, u) {
			reject := (*schemas.Reject)(nil)
			switch {
			case errors.As(err, &reject):
				read = append(
					read, fmt.Sprintf("%d: %s %s at %d", reject.PMID, reject.Stage, reject.Kind, reject.Record),
				)
			case err != nil:
				return read, err
			default:
				read = append(read, fmt.Sprintf("%d: %s / %s", doc.PMID, doc.Title(), doc.Abstract()))
			}
		}
	}
	return read, nil
}

// truth is the correct result of titles for PMIDs.
func truth(t *testing.T, records []ncbitest.Record, pmids []schemas.PMID) []string {
	t.Helper()
	_, client, _ := ncbi(t, ncbitest.Config{Records: records}, eutils.Options{})
	read := titles(t, eutils.NewList(client, "truth", pmids))
	if len(read) != len(pmids) {
		t.Fatalf("%d records of %d", len(read), len(pmids))
	}
	for i, pmid := range pmids {
		at := slices.IndexFunc(records, func(r ncbitest.Record) bool { return schemas.PMID(r.PMID) == pmid })
		title, _, _ := strings.Cut(read[i][strings.Index(read[i], ": ")+2:], " / ")
		if !strings.Contains(records[at].XML, "<ArticleTitle>"+title+"</ArticleTitle>") ||
			!strings.HasPrefix(read[i], fmt.Sprint(pmid)) {
			t.Fatalf("%q is not record %d", read[i], pmid)
		}
	}
	return read
}
