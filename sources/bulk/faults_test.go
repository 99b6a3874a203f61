package bulk_test

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/sources/bulk"
	"github.com/pubmine/pubmine/sources/fetch"
	"github.com/pubmine/pubmine/sources/ncbitest"
)

// hasty waits for nobody.
var hasty = fetch.Patience{FirstWait: time.Millisecond, MaxWait: 4 * time.Millisecond, Stalled: 100 * time.Millisecond}

var body = strings.Repeat("what a citation might say, in forty bytes\n", 1000)

// published is a site of one file.
func published() fstest.MapFS {
	const name = "baseline/pubmed26n0001.xml.gz"
	return fstest.MapFS{
		name:          {Data: []byte(body)},
		name + ".md5": {Data: fmt.Appendf(nil, "MD5(%s)= %x\n", filepath.Base(name), md5.Sum([]byte(body)))},
		"updatefiles": {Mode: os.ModeDir},
	}
}

// passing are faults after which the same request, sent again, is answered.
func passing() map[string]ncbitest.Fault {
	faults := map[string]ncbitest.Fault{
		"hang up":       ncbitest.Hangup,
		"page as 200":   ncbitest.Page(200),
		"page as 500":   ncbitest.Page(500),
		"page as 502":   ncbitest.Page(502),
		"empty":         ncbitest.Says(200, "text/plain", ""),
		"words":         ncbitest.Says(200, "text/plain", "try again later"),
		"stalled":       ncbitest.Stall(3, time.Minute),
		"stalled later": ncbitest.Stall(20_000, time.Minute),
		"500 and right": func(w http.ResponseWriter, r *http.Request, right ncbitest.Reply) {
			right.Status = 500
			ncbitest.Right(w, r, right)
		},
		"trickles": func(w http.ResponseWriter, r *http.Request, right ncbitest.Reply) {
			w.WriteHeader(right.Status)
			for _, part := range strings.SplitAfter(right.Body(), "\n") {
				if _, err := w.Write([]byte(part)); err != nil {
					return
				}
				time.Sleep(10 * time.Microsecond)
			}
		},
	}
	for _, header := range []string{
		"", "0", "3", "-1", "99999999", "1.5", "soon", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT",
	} {
		faults["429 "+header] = ncbitest.TooMany(header)
	}
	for _, status := range []int{429, 500, 502, 503, 504, 520} {
		faults[fmt.Sprint("status ", status)] = ncbitest.Says(status, "text/plain", "no")
	}
	for _, n := range []int{0, 1, 30, 200, 5000, 40_000} {
		faults[fmt.Sprint("cut ", n)] = ncbitest.Cut(n)
		faults[fmt.Sprint("cut in chunks ", n)] = ncbitest.CutChunked(n)
		faults[fmt.Sprint("cut silently ", n)] = ncbitest.CutSilently(n)
		faults[fmt.Sprint("cut gzip ", n/10)] = ncbitest.CutGzip(n / 10)
	}
	return faults
}

// take lists the site, and returns the content of its file.
func take(r *bulk.Remote) (string, error) {
	ctx := context.Background()
	files, err := r.List(ctx)
	if err != nil {
		return "", err
	}
	plan, err := bulk.NewPlan(files)
	if err != nil {
		return "", err
	}
	path, err := r.Fetch(ctx, plan.Files[0])
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(path)
	return string(data), err
}

func open(t *testing.T, url, dir string) *bulk.Remote {
	t.Helper()
	r, err := bulk.OpenRemote(url+"/pubmed/", store.New(dir, nil), hasty)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// twice puts a fault before everything that is asked for, two times.
func twice(fault ncbitest.Fault) func(n int) ncbitest.Fault {
	var mu sync.Mutex
	met := map[string]int{}
	return func(int) ncbitest.Fault {
		return func(w http.ResponseWriter, r *http.Request, right ncbitest.Reply) {
			mu.Lock()
			met[r.URL.Path]++
			n := met[r.URL.Path]
			mu.Unlock()
			if n > 2 {
				ncbitest.Right(w, r, right)
				return
			}
			fault(w, r, right)
		}
	}
}

// Every fault, twice before each answer: the file comes out whole.
func TestFaultSweep(t *testing.T) {
	for name, fault := range passing() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := ncbitest.Start(ncbitest.Config{Files: published(), Fault: twice(fault)})
			defer server.Close()
			got, err := take(open(t, server.URL, t.TempDir()))
			if name == "page as 200" && errors.Is(err, bulk.ErrIncomplete) {
				return // a page can look like the index of an empty folder, which the plan rejects
			}
			if err != nil || got != body {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			if n := len(server.Log()); n > 3*4+1 { // two indexes, a sidecar and a file
				t.Errorf("%d requests", n)
			}
		})
	}
}

// A fault that does not pass ends in an error, after a number of requests that a server can bear,
// and nothing counts as whole.
func TestFaultsThatStay(t *testing.T) {
	faults := passing()
	for _, n := range []string{"5000", "40000", "200"} { // longer than the indexes and the sidecar
		for _, how := range []string{"cut ", "cut in chunks ", "cut silently "} {
			delete(faults, how+n)
		}
		delete(faults, "cut gzip "+n[:len(n)-1])
	}
	delete(faults, "trickles")
	for name, fault := range faults {
		for _, healthy := range []string{"nothing", "index", "index and sidecar"} {
			t.Run(name+" after "+healthy, func(t *testing.T) {
				t.Parallel()
				server := ncbitest.Start(ncbitest.Config{Files: published(), Fault: func(n int) ncbitest.Fault {
					if n < map[string]int{"nothing": 0, "index": 2, "index and sidecar": 3}[healthy] {
						return nil
					}
					return fault
				}})
				defer server.Close()
				dir := t.TempDir()
				got, err := take(open(t, server.URL, dir))
				resumable := strings.HasPrefix(name, "cut") ||
					name == "stalled later" // some bytes at a time, it comes to its end
				if err == nil && !(resumable && got == body) {
					t.Errorf("%d bytes were taken", len(got))
				}
				if n := len(server.Log()); n > 120 {
					t.Errorf("%d requests", n)
				}
				if err == nil {
					return
				}
				if whole, _ := filepath.Glob(filepath.Join(dir, "*", "*.md5")); len(whole) > 0 {
					t.Errorf("%v marks the file as complete", whole)
				}
				if text := err.Error(); strings.Contains(text, "\n") || len(text) > 500 {
					t.Errorf("error %q", text)
				}
			})
		}
	}
}

// What was received is not asked for again.
func TestCutsAreResumedByRange(t *testing.T) {
	for _, cut := range []func(int) ncbitest.Fault{ncbitest.Cut, ncbitest.CutChunked} {
		server := ncbitest.Start(ncbitest.Config{Files: published(), Fault: func(n int) ncbitest.Fault {
			if n < 3 {
				return nil
			}
			return cut(10_000)
		}})
		got, err := take(open(t, server.URL, t.TempDir()))
		if err != nil || got != body {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		var ranges []string
		for _, r := range server.Log()[3:] {
			ranges = append(ranges, r.Range)
		}
		want := []string{"", "bytes=10000-", "bytes=20000-", "bytes=30000-", "bytes=40000-"}
		if len(ranges) == len(want)+1 && ranges[5] == fmt.Sprintf("bytes=%d-", len(body)) {
			ranges = ranges[:5] // the end of a reply in chunks can only be asked for
		}
		if diff := cmp.Diff(want, ranges); diff != "" {
			t.Error(diff)
		}
		server.Close()
	}
}

// No other host is asked, whatever a server answers.
func TestRedirects(t *testing.T) {
	var asked atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer other.Close()
	for from := range 4 { // an index, the other one, the sidecar, the file
		server := ncbitest.Start(ncbitest.Config{Files: published(), Fault: func(n int) ncbitest.Fault {
			if n < from {
				return nil
			}
			return ncbitest.RedirectTo(other.URL + "/pubmed/baseline/pubmed26n0001.xml.gz")
		}})
		_, err := take(open(t, server.URL, t.TempDir()))
		if err == nil || bulk.Temporary(err) || !strings.Contains(err.Error(), "another host") || asked.Load() > 0 {
			t.Errorf("from request %d on: %v, %d requests elsewhere", from, err, asked.Load())
		}
		if n := len(server.Log()); n != from+1 {
			t.Errorf("%d requests", n)
		}
		server.Close()
	}
}
