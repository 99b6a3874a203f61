package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/sources/fetch"
	"github.com/pubmine/pubmine/sources/ncbitest"
)

// syncFrom runs pubmine sync against a server of a publisher's files, without patience.
func syncFrom(t *testing.T, url, root string) printed {
	t.Helper()
	c := syncCommand{
		corpusFlag: corpusFlag{flags.Name(root)}, BaseURL: url + "/pubmed/",
		requestFlags: requestFlags{Tasks: []string{jobs.NoTasks}, MaxRejects: 0.05},
		patience: fetch.Patience{
			FirstWait: time.Millisecond,
			MaxWait:   4 * time.Millisecond,
			Stalled:   150 * time.Millisecond,
		},
	}
	var out, err bytes.Buffer
	code := exit.Report(&err, c.Run(context.Background(), streams{out: &out, err: &err}))
	return printed{code, out.String(), err.String()}
}

func yearOfFive(t *testing.T) *publisher {
	t.Helper()
	p := publish(t)
	for n := 1; n <= 5; n++ {
		p.add(t, fmt.Sprintf("%s/pubmed26n%04d", map[bool]string{true: "baseline", false: "updatefiles"}[n < 3], n), n)
	}
	return p
}

// With any fault, twice for every request, sync publishes the same files as without faults.
func TestSyncSitsOutFaults(t *testing.T) {
	p := yearOfFive(t)
	calm := filepath.Join(t.TempDir(), "C")
	p.mustSync(t, calm)
	wanted := files(t, filepath.Join(calm, "tables"))
	faults := map[string]ncbitest.Fault{
		"hang up": ncbitest.Hangup, "page as 200": ncbitest.Says(200, "text/html", "<html><body>Try later"),
		"page as 503": ncbitest.Page(503),
		"cut": ncbitest.Cut(
			150,
		), "cut in chunks": ncbitest.CutChunked(150), "cut silently": ncbitest.CutSilently(40),
		"stalled": ncbitest.Stall(60, time.Minute),
	}
	for _, header := range []string{"", "0", "-1", "99999999", "soon", "Thu, 01 Jan 1970 00:00:00 GMT"} {
		faults["429 "+header] = ncbitest.TooMany(header)
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			met := map[string]int{}
			server := ncbitest.Start(ncbitest.Config{Files: os.DirFS(p.root), Fault: func(int) ncbitest.Fault {
				return func(w http.ResponseWriter, r *http.Request, right ncbitest.Reply) {
					mu.Lock()
					met[r.URL.Path]++
					n := met[r.URL.Path]
					mu.Unlock()
					if n > 2 {
						ncbitest.Right(w, r, right)
					} else {
						fault(w, r, right)
					}
				}
			}})
			defer server.Close()
			root := filepath.Join(t.TempDir(), "C")
			if got := syncFrom(t, server.URL, root); got.code != 0 {
				t.Errorf("%+v", got)
			}
			if diff := cmp.Diff(wanted, files(t, filepath.Join(root, "tables"))); diff != "" {
				t.Error("other files than those of a calm night")
			}
		})
	}
}

// When the server fails for good after any number of requests, the next sync continues there.
func TestSyncGoesOn(t *testing.T) {
	p := yearOfFive(t)
	calm := filepath.Join(t.TempDir(), "C")
	p.mustSync(t, calm)
	wanted := files(t, filepath.Join(calm, "tables"))
	for after := range 12 { // two indexes, five sidecars, five files
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			t.Parallel()
			server := ncbitest.Start(ncbitest.Config{Files: os.DirFS(p.root), Fault: func(n int) ncbitest.Fault {
				if n < after {
					return nil
				}
				return ncbitest.Page(503)
			}})
			root := filepath.Join(t.TempDir(), "C")
			if got := syncFrom(t, server.URL, root); got.code != exit.Again {
				t.Errorf("down after %d requests: %+v", after, got)
			}
			server.Close()
			server = ncbitest.Start(ncbitest.Config{Files: os.DirFS(p.root)})
			if got := syncFrom(t, server.URL, root); got.code != 0 {
				t.Errorf("again, after %d requests: %+v", after, got)
			}
			server.Close()
			if diff := cmp.Diff(wanted, files(t, filepath.Join(root, "tables"))); diff != "" {
				t.Errorf("down after %d requests: other files than those of a calm night", after)
			}
		})
	}
}

// A server that sends a byte now and then does not hold the corpus for ever.
func TestSyncLeavesDrippingServers(t *testing.T) {
	p := yearOfFive(t)
	for _, status := range []int{http.StatusOK, http.StatusServiceUnavailable} {
		for _, suffix := range []string{"/", ".gz.md5", "n0001.xml.gz"} {
			t.Run(fmt.Sprintf("%d for %s", status, suffix), func(t *testing.T) {
				t.Parallel()
				server := ncbitest.Start(ncbitest.Config{Files: os.DirFS(p.root), Fault: func(int) ncbitest.Fault {
					return func(w http.ResponseWriter, r *http.Request, right ncbitest.Reply) {
						answer := ncbitest.Fault(ncbitest.Right)
						if strings.HasSuffix(r.URL.Path, suffix) {
							answer = ncbitest.Drip(status)
						}
						answer(w, r, right)
					}
				}})
				defer server.Close()
				root := filepath.Join(t.TempDir(), "C")
				got := syncFrom(t, server.URL, root)
				refused(t, got.code, got.err, exit.Again, "run the same command again to continue")
				p.mustSync(t, root)
			})
		}
	}
}

// The next file is downloaded while a file is read. Its errors are reported in its turn, after the
// file before it is published.
func TestSyncFetchesAhead(t *testing.T) {
	p := yearOfFive(t)
	p.put(t, "baseline/pubmed26n0002", []byte("no gzip"))
	server := ncbitest.Start(ncbitest.Config{Files: os.DirFS(p.root)})
	defer server.Close()
	root := filepath.Join(t.TempDir(), "C")
	got := syncFrom(t, server.URL, root)
	refused(t, got.code, got.err, exit.Input, "pubmed26n0002")
	if s := published(t, root); len(s.Units()) != 1 {
		t.Errorf("%d units", len(s.Units()))
	}
	asked := map[string]bool{}
	for _, r := range server.Log() {
		asked[filepath.Base(r.Path)] = true
	}
	if !asked["pubmed26n0002.xml.gz"] || asked["pubmed26n0004.xml.gz"] {
		t.Errorf("asked for %v", asked)
	}
}
