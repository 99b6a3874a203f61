package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/jobs"
)

// memoryFor is the maximum of memory for any input.
const memoryFor = 400 << 20

func zipped(parts ...string) string {
	var b bytes.Buffer
	for _, part := range parts {
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(part)) // a Buffer takes all
		_ = w.Close()
	}
	return b.String()
}

// article is a record with something in its title.
func article(pmid int, title string) string {
	return fmt.Sprintf(
		"<PubmedArticle><MedlineCitation><PMID Version=\"1\">%d</PMID><Article><ArticleTitle>%s</ArticleTitle></Article></MedlineCitation></PubmedArticle>\n",
		pmid,
		title,
	)
}

func setOf(articles ...string) string {
	return "<?xml version=\"1.0\"?>\n<PubmedArticleSet>\n" + strings.Join(articles, "") + "</PubmedArticleSet>\n"
}

// mined is the result of a run over an input.
type mined struct {
	code               int
	printed            string
	documents, rejects int64
	files              map[string]string // of the tables
	peak               uint64            // bytes of the heap, above what there were before
}

// dataFiles returns the data files of a corpus, less those without rows.
func dataFiles(t *testing.T, root string) map[string]string {
	t.Helper()
	found := files(t, filepath.Join(root, "delta"))
	maps.DeleteFunc(found, func(path, _ string) bool {
		return !strings.HasSuffix(path, ".parquet") || filepath.Base(path) == "+empty.parquet"
	})
	return found
}

// withoutProgress drops the log lines that a slow run prints.
func withoutProgress(printed string) string {
	var kept strings.Builder
	for line := range strings.Lines(printed) {
		if !strings.Contains(line, " msg=progress ") {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// mineFile runs the program over one file and watches its memory.
func mineFile(t *testing.T, name, content string) mined {
	t.Helper()
	dir := t.TempDir()
	path, root := filepath.Join(dir, name), filepath.Join(dir, "C")
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, peak := m.HeapAlloc, atomic.Uint64{}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for ctx.Err() == nil {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapAlloc))
			time.Sleep(20 * time.Millisecond)
		}
	}()
	var out, printed bytes.Buffer
	code := exit.Report(
		&printed,
		executed(
			t,
			ctx,
			[]string{"run", path, "--corpus", root, "--tasks", jobs.NoTasks},
			streams{out: &out, err: &printed},
		),
	)
	cancel()
	<-watched
	got := mined{code: code, printed: withoutProgress(printed.String()), files: dataFiles(t, root)}
	if p := peak.Load(); p > before {
		got.peak = p - before
	}
	s := published(t, root)
	got.documents, got.rejects = s.Counts().Rows["documents"], s.Counts().Rows["rejects"]
	return got
}

// hostile is an input and the expected result of a run over it.
type hostile struct {
	name, file, content string
	code                int
	documents, rejects  int64
}

func (h hostile) check(t *testing.T) {
	got := mineFile(t, h.file, h.content)
	if got.code != h.code || got.documents != h.documents || got.rejects != h.rejects {
		t.Errorf("exit %d with %d documents and %d rejects: %s", got.code, got.documents, got.rejects, got.printed)
	}
	if got.code == exit.Input &&
		(strings.Count(got.printed, "\n") != 1 || !strings.Contains(got.printed, h.file) || len(got.files) > 0) {
		t.Errorf("%d files; printed %s", len(got.files), got.printed)
	}
	if got.peak > memoryFor {
		t.Errorf("took %d MB", got.peak>>20)
	}
	for name, data := range got.files {
		if strings.Contains(data, "CANARY") {
			t.Errorf("an entity got into %s", name)
		}
	}
	t.Logf("exit %d, %d MB: %s", got.code, got.peak>>20, got.printed)
}

// Hostile inputs give correct rows or a one-line error, and bad ones no rows. Memory is bounded.
func TestHostileInputs(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("CANARY of a file"), 0o666); err != nil {
		t.Fatal(err)
	}
	good := article(1, "One") + article(2, "Two")
	laughs := `<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [<!ENTITY a0 "CANARY">`
	for i := 1; i < 12; i++ {
		laughs += fmt.Sprintf(`<!ENTITY a%d "%s">`, i, strings.Repeat(fmt.Sprintf("&a%d;", i-1), 10))
	}
	laughs += "]>\n<PubmedArticleSet>" + article(1, "&a11;") + "</PubmedArticleSet>"
	outside := `<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [<!ENTITY x SYSTEM "file://` + secret + `"><!ENTITY % y SYSTEM "http://127.0.0.1:1/y"> %y;]>` +
		"<PubmedArticleSet>" + article(
		1,
		"&x;",
	) + "</PubmedArticleSet>"
	spaces, deep := strings.Repeat(" ", 80<<20), 1_000_000
	nested := strings.Repeat("<b>", deep) + "x" + strings.Repeat("</b>", deep)
	for _, h := range []hostile{
		{"as it should be", "x.xml", setOf(good), 0, 2, 0},
		{"billion laughs", "x.xml", laughs, exit.Rejects, 0, 1},
		{"external entities", "x.xml", outside, exit.Rejects, 0, 1},
		{
			"1,000:1 between records", "x.xml.gz", zipped(setOf(article(1, "One"), spaces, article(2, "Two"))),
			exit.Input, 0, 0,
		},
		{
			"1,000:1 in a record", "x.xml.gz", zipped(setOf(article(1, "One"+spaces), article(2, "Two"))),
			exit.Input, 0, 0,
		},
		{"1,000:1 of nothing", "x.xml.gz", zipped(strings.Repeat("\x00", 80<<20)), exit.Input, 0, 0},
		{"nested deep in a record", "x.xml", setOf(article(1, nested), article(2, "Two")), exit.Rejects, 1, 1},
		{
			"nested deep before the records", "x.xml", "<PubmedArticleSet>" + nested + good + "</PubmedArticleSet>",
			exit.Rejects, 2, 1,
		},
		{"nested deep and never closed", "x.xml", "<PubmedArticleSet>" + strings.Repeat("<b>", deep), exit.Input, 0, 0},
		{"junk after the end", "x.xml", setOf(good) + "junk", exit.Input, 0, 0},
		{"a second document after the end", "x.xml", setOf(good) + setOf(good), exit.Input, 0, 0},
		{"bytes after the gzip", "x.xml.gz", zipped(setOf(good)) + "junk", exit.Input, 0, 0},
		{"zeros after the gzip", "x.xml.gz", zipped(setOf(good)) + strings.Repeat("\x00", 1<<20), 0, 2, 0},
		{"zeros and bytes after the gzip", "x.xml.gz", zipped(setOf(good)) + "\x00\x00junk", exit.Input, 0, 0},
		{"two members, one document", "x.xml.gz", zipped(setOf(good)[:200], setOf(good)[200:]), 0, 2, 0},
		{"two members, two documents", "x.xml.gz", zipped(setOf(good), setOf(good)), exit.Input, 0, 0},
	} {
		t.Run(h.name, h.check)
	}
}

// The time for many small parts does not grow with their square, and memory does not hold them all.
func TestInputsOfManyParts(t *testing.T) {
	n := 300_000
	if testing.Short() { // as under the race detector
		n /= 10
	}
	var attributes, deletions strings.Builder
	for i := range n {
		fmt.Fprintf(&attributes, " a%d=''", i)
		fmt.Fprintf(&deletions, "<PMID>%d</PMID>", 10+i)
	}
	tagged := setOf(article(1, "<b"+attributes.String()+">x</b>"), article(2, "Two"))
	open := setOf(strings.Repeat("<PubmedArticle><!--</PubmedArticle>", n))
	deleted := setOf("<DeleteCitation>", deletions.String(), "</DeleteCitation>")
	for _, h := range []hostile{
		{"attributes of a tag", "x.xml", tagged, exit.Rejects, 1, 1},
		{"comments that never end", "x.xml", open, exit.Rejects, 0, int64(n)},
		{"deletions", "x.xml", deleted, 0, int64(n), 0},
	} {
		t.Run(h.name, h.check)
	}
}

// A truncated file gives an error and no rows, wherever it ends.
func TestTruncatedAnywhere(t *testing.T) {
	var articles []string
	for i := range 40 {
		articles = append(articles, article(1+i, strings.Repeat(fmt.Sprintf("Title %d of many. ", i*i*7919%1009), 30)))
	}
	plain := setOf(articles...)
	for name, content := range map[string]string{"x.xml": plain, "x.xml.gz": zipped(plain)} {
		step := 1 << 10
		if name == "x.xml.gz" {
			step = max(1, len(content)/20)
		}
		for n := 0; n < len(content)-len("\n"); n += step {
			got := mineFile(t, name, content[:n])
			if got.code != exit.Input || len(got.files) > 0 || got.documents+got.rejects > 0 ||
				strings.Count(got.printed, "\n") != 1 {
				t.Errorf("%s cut at %d: exit %d, %d files: %s", name, n, got.code, len(got.files), got.printed)
			}
		}
		if got := mineFile(t, name, content); got.code != 0 || got.documents != 40 {
			t.Errorf("%s whole: exit %d, %d documents: %s", name, got.code, got.documents, got.printed)
		}
	}
}
