package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/jobs/corpus"
)

// publisher is a directory of files like PubMed's, and a server for it.
type publisher struct {
	root string
	url  string
	now  time.Time // when the next file is published

	mu    sync.Mutex
	asked []string
}

func publish(t *testing.T) *publisher {
	t.Helper()
	p := &publisher{root: t.TempDir(), now: time.Date(2026, 1, 5, 14, 5, 0, 0, time.UTC)}
	files := http.FileServer(http.Dir(p.root))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, q.URL.Path)
		p.mu.Unlock()
		if !strings.HasSuffix(q.URL.Path, "/") {
			files.ServeHTTP(w, q)
			return
		}
		entries, _ := os.ReadDir(filepath.Join(p.root, filepath.FromSlash(q.URL.Path)))
		fmt.Fprint(w, "<html><pre>\n")
		for _, e := range entries {
			info, _ := e.Info()
			fmt.Fprintf(
				w, "<a href=%q>%s</a> %s 1K\n", e.Name(), e.Name(), info.ModTime().UTC().Format("2006-01-02 15:04"),
			)
		}
		fmt.Fprint(w, "</pre></html>\n")
	}))
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// requests returns the number of requests since the last call.
func (p *publisher) requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.asked)
	p.asked = nil
	return n
}

// add publishes a file that has one article.
func (p *publisher) add(t *testing.T, name string, pmid int) {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	fmt.Fprintf(
		w,
		`<PubmedArticleSet><PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">%d</PMID><Article><Journal/>
<ArticleTitle>As %s has it.</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>`,
		pmid,
		name,
	)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	p.put(t, name, b.Bytes())
}

func (p *publisher) put(t *testing.T, name string, data []byte) {
	t.Helper()
	path := filepath.Join(p.root, name+".xml.gz")
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	sum := fmt.Sprintf("%x  %s\n", md5.Sum(data), filepath.Base(path))
	for path, data := range map[string][]byte{path: data, path + ".md5": []byte(sum)} {
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, p.now, p.now); err != nil {
			t.Fatal(err)
		}
	}
	p.now = p.now.Add(time.Minute)
}

// synced runs pubmine sync, and returns its exit code and output.
func (p *publisher) synced(t *testing.T, root string, more ...string) (code int, printed string) {
	t.Helper()
	var out bytes.Buffer
	std := streams{out: &out, err: &out}
	args := append([]string{"sync", "--corpus", root, "--base-url", p.url, "--tasks", "none"}, more...)
	return exit.Report(std.err, executed(t, context.Background(), args, std)), out.String()
}

func (p *publisher) mustSync(t *testing.T, root string, more ...string) string {
	t.Helper()
	code, printed := p.synced(t, root, more...)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, printed)
	}
	return printed
}

// units are those that readers of the corpus see, in the order of the history.
func units(t *testing.T, root string) string {
	t.Helper()
	c, err := corpus.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Current()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, u := range s.History() {
		names = append(names, u.Unit)
	}
	return strings.Join(names, " ")
}

func want(t *testing.T, root, names string) {
	t.Helper()
	if got := units(t, root); got != names {
		t.Errorf("seen are %q, not %q", got, names)
	}
}

func refused(t *testing.T, code int, printed string, wantCode int, wantSaid string) {
	t.Helper()
	if code != wantCode || !strings.Contains(printed, wantSaid) {
		t.Errorf("exit %d, not %d with %q: %s", code, wantCode, wantSaid, printed)
	}
}

func TestSyncCatchesUp(t *testing.T) {
	p, root := publish(t), filepath.Join(t.TempDir(), "C")
	p.add(t, "baseline/pubmed26n0001", 1)
	p.add(t, "baseline/pubmed26n0002", 2)
	if printed := p.mustSync(t, root, "--dry-run"); !strings.Contains(printed, "pubmed26n0002") {
		t.Errorf("printed %s", printed)
	}
	if _, err := os.Stat(root); err == nil {
		t.Error("a dry run left something")
	}
	if err := os.Mkdir(filepath.Join(p.root, "updatefiles"), 0o777); err != nil {
		t.Fatal(err)
	}
	p.mustSync(t, root)
	want(t, root, "pubmed26n0001 pubmed26n0002")
	p.requests()
	if printed := p.mustSync(t, root); !strings.Contains(printed, "nothing to do") {
		t.Errorf("printed %s", printed)
	}
	if n := p.requests(); n != 2 {
		t.Errorf("%d requests with nothing to do", n)
	}
	for n := 3; n < 7; n++ { // a missed week
		p.add(t, fmt.Sprintf("updatefiles/pubmed26n%04d", n), 1)
	}
	p.mustSync(t, root)
	want(t, root, "pubmed26n0001 pubmed26n0002 pubmed26n0003 pubmed26n0004 pubmed26n0005 pubmed26n0006")
	fromMirror := filepath.Join(t.TempDir(), "C")
	p.mustSync(t, fromMirror, "--mirror", filepath.Join(root, "mirror"))
	want(t, fromMirror, units(t, root))
	p.mustSync(t, root, "--mirror", p.root)
}

func TestSyncRefuses(t *testing.T) {
	p, root := publish(t), filepath.Join(t.TempDir(), "C")
	for n := 1; n < 5; n++ {
		p.add(t, fmt.Sprintf("%s/pubmed26n%04d", map[bool]string{true: "baseline", false: "updatefiles"}[n < 3], n), n)
	}
	p.mustSync(t, root)
	all := units(t, root)

	t.Run("a gap", func(t *testing.T) {
		p.add(t, "updatefiles/pubmed26n0006", 6)
		code, printed := p.synced(t, root)
		refused(t, code, printed, exit.Failure, "pubmed26n0005 is missing")
		want(t, root, all)
		p.add(t, "updatefiles/pubmed26n0005", 5)
	})
	t.Run("a damaged file", func(t *testing.T) {
		p.put(t, "updatefiles/pubmed26n0005", []byte("no gzip"))
		code, printed := p.synced(t, root)
		refused(t, code, printed, exit.Input, "pubmed26n0005")
		want(t, root, all) // nor the one after it
		p.add(t, "updatefiles/pubmed26n0005", 5)
		p.mustSync(t, root)
	})
	t.Run("a file that differs from its sidecar", func(t *testing.T) {
		p.add(t, "updatefiles/pubmed26n0007", 7)
		path := filepath.Join(p.root, "updatefiles", "pubmed26n0007.xml.gz")
		if err := os.Truncate(path, 50); err != nil {
			t.Fatal(err)
		}
		code, printed := p.synced(t, root)
		refused(t, code, printed, exit.Again,
			"wrong checksum or size, 3 times: the publisher may be replacing the file: run the same command again")
		code, printed = p.synced(t, root, "--mirror", p.root)
		refused(t, code, printed, exit.Input, "its MD5 is not that in its .md5 file: get both again")
		p.add(t, "updatefiles/pubmed26n0007", 7)
		p.mustSync(t, root)
	})
	t.Run("a file that was reissued", func(t *testing.T) {
		p.add(t, "updatefiles/pubmed26n0003", 33)
		code, printed := p.synced(t, root)
		refused(t, code, printed, exit.Failure, "pubmed26n0003.xml.gz was reissued")
		before := units(t, root)
		p.mustSync(t, root, "--reissued")
		want(t, root, before)
		p.mustSync(t, root)
	})
	t.Run("a second sync", func(t *testing.T) {
		sink, err := corpus.Create(root, corpus.Configuration{}, corpus.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer sink.Close()
		code, printed := p.synced(t, root)
		refused(t, code, printed, exit.Again, "another run is at work")
	})
	t.Run("wrong use", func(t *testing.T) {
		for _, flags := range [][]string{{"--base-url", "x"}, {"--max-rejects", "2"}, {"--chunk", "-1"}} {
			code, printed := p.synced(t, root, flags...)
			refused(t, code, printed, exit.Misuse, flags[0])
		}
		code, printed := p.synced(t, root, "--mirror", t.TempDir())
		refused(t, code, printed, exit.Failure, "baseline")
	})
	t.Run("a listing that was cut off", func(t *testing.T) {
		cut := httptest.NewServer(
			http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html><pre>") }),
		)
		defer cut.Close()
		got := syncFrom(t, cut.URL, root)
		refused(t, got.code, got.err, exit.Again, "not the complete index")
	})
	t.Run("a release of another year", func(t *testing.T) {
		old := publish(t)
		old.add(t, "baseline/pubmed25n0001", 1)
		code, printed := old.synced(t, root, "--mirror", old.root)
		refused(t, code, printed, exit.Failure, "the corpus has release pubmed26")
	})
}

func TestNewBaselineIsBuiltBesideTheOld(t *testing.T) {
	p, root := publish(t), filepath.Join(t.TempDir(), "C")
	p.add(t, "baseline/pubmed26n0001", 1)
	p.add(t, "updatefiles/pubmed26n0002", 2)
	p.mustSync(t, root)
	if err := os.RemoveAll(filepath.Join(p.root, "baseline")); err != nil {
		t.Fatal(err)
	}
	p.add(t, "baseline/pubmed27n0001", 1)
	p.put(t, "baseline/pubmed27n0002", []byte("no gzip"))
	code, printed := p.synced(t, root)
	refused(t, code, printed, exit.Input, "pubmed27n0002")
	want(t, root, "pubmed26n0001 pubmed26n0002")
	p.add(t, "baseline/pubmed27n0002", 2)
	p.put(t, "updatefiles/pubmed27n0003", []byte("no gzip"))
	code, printed = p.synced(t, root) // the baseline is complete, the update is not readable
	refused(t, code, printed, exit.Input, "pubmed27n0003")
	want(t, root, "pubmed27n0001 pubmed27n0002")
	p.add(t, "updatefiles/pubmed27n0003", 3)
	p.mustSync(t, root)
	want(t, root, "pubmed27n0001 pubmed27n0002 pubmed27n0003")
}
