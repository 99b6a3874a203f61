package main

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/sources/ncbitest"
)

// canary is an API key that must appear only in the bodies of requests.
const canary = "CANARY0123456789abcdef0123456789abcd"

// ncbi starts a server with a simulated clock.
func ncbi(t *testing.T, records int, fault func(n int) ncbitest.Fault) (*ncbitest.Server, *ncbitest.Clock) {
	t.Helper()
	t.Setenv(keyVariable, canary)
	clock := ncbitest.NewClock()
	server := ncbitest.Start(ncbitest.Config{
		Records: ncbitest.Records(records), Keys: []string{canary}, Now: clock.Now, Fault: fault,
	})
	t.Cleanup(server.Close)
	return server, clock
}

// printed is the exit code and the output of a command.
type printed struct {
	code     int
	out, err string
}

// fetch runs pubmine run with an input from a server.
func runQuery(
	t *testing.T, server *ncbitest.Server, clock *ncbitest.Clock, root string, query queryFlags,
	more ...func(*runCommand),
) printed {
	t.Helper()
	c := runCommand{
		corpusFlag:   corpusFlag{flags.Name(root)},
		requestFlags: requestFlags{Tasks: []string{jobs.NoTasks}, MaxRejects: 0.05, Chunk: 64},
		queryFlags:   query,
	}
	c.BaseURL, c.clock, c.Email = server.EUtils(), clock, "someone@example.org"
	for _, set := range more {
		set(&c)
	}
	var out, err bytes.Buffer
	code := exit.Report(&err, c.Run(context.Background(), streams{out: &out, err: &err}))
	result := printed{code, out.String(), err.String()}
	if strings.Contains(result.out+result.err, canary) {
		t.Errorf("the key is printed: %+v", result)
	}
	for name, data := range files(t, root) {
		if strings.Contains(name+data, canary) {
			t.Errorf("the key is in %s", name)
		}
	}
	return result
}

// files returns the files below a directory, which need not exist, by path.
func files(t *testing.T, root string) map[string]string {
	t.Helper()
	found := map[string]string{}
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || d.IsDir() || d.Type() == fs.ModeSymlink {
			return err
		}
		data, err := os.ReadFile(path)
		found[path[len(root):]] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func published(t *testing.T, root string) *corpus.Edition {
	t.Helper()
	c, err := corpus.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.Current()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestQuery(t *testing.T) {
	server, clock := ncbi(t, 700, nil)
	root := filepath.Join(t.TempDir(), "C")
	got := runQuery(t, server, clock, root, queryFlags{Query: "volunteers AND aspirin AND fleegle", Max: 90})
	if got.code != 0 || !strings.Contains(got.err, "100 records in PubMed, 90 of them") ||
		!strings.Contains(got.err, `"fleegle"`) {
		t.Errorf("%+v", got)
	}
	s := published(t, root)
	if rows := s.Counts().Rows; len(s.Units()) != 1 || rows["documents"] != 90 || rows["sentences"] == 0 {
		t.Errorf("%v", rows)
	}
	requests := len(server.Log())
	got = runQuery(t, server, clock, root, queryFlags{Query: "volunteers AND aspirin AND fleegle", Max: 90})
	if got.code != 0 || !strings.Contains(got.out, "nothing to do") || len(server.Log()) != requests {
		t.Errorf("%+v after %d requests", got, len(server.Log())-requests)
	}
	if n := server.Busiest(); n > 8 {
		t.Errorf("%d requests in a second", n)
	}
}

// A run that loses the network stops in a consistent state. Later it continues with the same
// records, though PubMed has more by then, and publishes what an undisturbed run publishes.
func TestQueryGoesOn(t *testing.T) {
	whole := filepath.Join(t.TempDir(), "C")
	server, clock := ncbi(t, 500, nil)
	if got := runQuery(t, server, clock, whole, queryFlags{Query: "volunteers"}); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	want := files(t, filepath.Join(whole, "tables"))
	for after := range 4 { // a search and three pages
		var down atomic.Bool
		server, clock := ncbi(t, 500, func(n int) ncbitest.Fault {
			if down.Load() && n >= after {
				return ncbitest.Hangup
			}
			return nil
		})
		down.Store(true)
		root := filepath.Join(t.TempDir(), "C")
		got := runQuery(t, server, clock, root, queryFlags{Query: "volunteers"})
		if got.code != 75 || got.out != "" ||
			!strings.HasSuffix(got.err, ": run the same command again to continue\n") {
			t.Errorf("down after %d requests: %+v", after, got)
		}
		down.Store(false)
		requests := len(server.Log())
		if after > 0 {
			server.Add(ncbitest.Article(7, clock.Now(), "Later volunteers"))
		}
		if got = runQuery(t, server, clock, root, queryFlags{Query: "volunteers"}); got.code != 0 {
			t.Errorf("again, after %d requests: %+v", after, got)
		}
		// Chunks are of 64 records. Of the 400 of the first two pages 384 are kept, but for what
		// was on its way when the run ended.
		if n := len(server.Log()) - requests; n > [...]int{4, 3, 3, 2}[after] {
			t.Errorf("after %d requests: %d more", after, n)
		}
		if resumed := strings.Contains(got.out, "records from checkpoints"); resumed != (after > 1) {
			t.Errorf("after %d requests: resumed is %v", after, resumed)
		}
		if diff := cmp.Diff(want, files(t, filepath.Join(root, "tables"))); diff != "" {
			t.Errorf("down after %d requests: other files than those of an undisturbed run", after)
		}
	}
}

// --since makes another plan; --replace searches again.
func TestQuerySince(t *testing.T) {
	server, clock := ncbi(t, 50, nil)
	root := filepath.Join(t.TempDir(), "C")
	documents := func() int64 { s := published(t, root); return s.Counts().Rows["documents"] }
	run := func(query queryFlags, more ...func(*runCommand)) {
		t.Helper()
		if got := runQuery(t, server, clock, root, query, more...); got.code != 0 {
			t.Errorf("%+v", got)
		}
	}
	run(queryFlags{Query: "volunteers"})
	day := clock.Now()
	server.Add(ncbitest.Article(7, day, "Later volunteers"))
	run(queryFlags{Query: "volunteers"})
	if n := documents(); n != 50 {
		t.Errorf("%d documents", n)
	}
	run(queryFlags{Query: "volunteers", Since: flags.Name(day.AddDate(0, 0, 1).Format("2006-01-02"))})
	run(queryFlags{Query: "volunteers", Since: flags.Name(day.Format("2006-01-02"))})
	if n := documents(); n != 51 {
		t.Errorf("%d documents", n)
	}
	run(queryFlags{Query: "volunteers"}, func(c *runCommand) { c.Replace = true })
	if n := documents(); n != 52 {
		t.Errorf("%d documents", n)
	}
}

// Whatever a server replies, and wherever it redirects to: the key is neither printed
// nor stored; fetch checks this.
func TestKeyIsNowhere(t *testing.T) {
	leak := "x" + canary
	for name, test := range map[string]struct {
		fault ncbitest.Fault
		code  int
	}{
		"echo, refused":   {ncbitest.Echo(400), 1},
		"echo, no XML":    {ncbitest.Echo(200), 75},
		"echo, out":       {ncbitest.Echo(500), 75},
		"in an error":     {ncbitest.Complains(leak), 1},
		"in a header":     {ncbitest.RedirectTo("https://" + leak + ".example.org/?api_key=" + canary), 75},
		"in a broken one": {ncbitest.RedirectTo("https://%zz" + leak), 75},
		"rate":            {ncbitest.TooMany(leak), 75},
		"in records": {ncbitest.Change(func(p []string) []string {
			return []string{"<PMID>" + leak + "</PMID>", strings.ReplaceAll(p[0], "We gave", leak)}
		}), 3},
		"in a broken reply": {ncbitest.Change(func([]string) []string { return []string{"<" + leak} }), 3},
	} {
		server, clock := ncbi(t, 3, func(n int) ncbitest.Fault {
			if n == 0 {
				return nil // the search
			}
			return test.fault
		})
		if got := runQuery(
			t, server, clock, filepath.Join(t.TempDir(), "C"), queryFlags{Query: "volunteers"},
		); got.code != test.code {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestPMIDs(t *testing.T) {
	server, clock := ncbi(t, 50, nil)
	dir := t.TempDir()
	list, root := filepath.Join(dir, "my list.txt"), filepath.Join(dir, "C")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(list, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("# mine\n1008\n1001\n5\n1008\n")
	got := runQuery(t, server, clock, root, queryFlags{PMIDs: flags.Name(list)})
	if got.code != 3 || !strings.Contains(got.out, "missing") {
		t.Errorf("%+v", got)
	}
	s := published(t, root)
	if rows := s.Counts().Rows; rows["documents"] != 2 || rows["rejects"] != 1 ||
		!strings.HasPrefix(s.Units()[0].Unit, "pmids-my_list-") {
		t.Errorf("%v", s.Units())
	}
	write("1008\n1015\n1022\n")
	if got := runQuery(t, server, clock, root, queryFlags{PMIDs: flags.Name(list)}); got.code != 42 ||
		!strings.Contains(got.err, "other content") {
		t.Errorf("%+v", got)
	}
	if got := runQuery(t, server, clock, root, queryFlags{
		PMIDs: flags.Name(list), Max: 2,
	}, func(c *runCommand) { c.Replace = true }); got.code != 0 {
		t.Errorf("%+v", got)
	}
	if s = published(t, root); s.Counts().Rows["documents"] != 2 || s.Counts().Rows["rejects"] != 0 {
		t.Errorf("%v", s.Units())
	}
	other := filepath.Join(t.TempDir(), "my list.txt") // another list of the same name
	if err := os.WriteFile(other, []byte("1015\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if got := runQuery(t, server, clock, root, queryFlags{PMIDs: flags.Name(other)}); got.code != 0 {
		t.Errorf("%+v", got)
	}
	if s = published(t, root); s.Counts().Rows["documents"] != 3 || len(s.Units()) != 2 {
		t.Errorf("%v", s.Units())
	}
	write("1008\nPMC1015\n")
	if got := runQuery(t, server, clock, root, queryFlags{PMIDs: flags.Name(list)}); got.code != 2 ||
		!strings.Contains(got.err, "line 2") {
		t.Errorf("%+v", got)
	}
}

// Wrong keys and addresses are usage errors, without retries.
func TestQuerySettings(t *testing.T) {
	server, clock := ncbi(t, 1, nil)
	root := filepath.Join(t.TempDir(), "C")
	query := queryFlags{Query: "volunteers"}
	if got := runQuery(t, server, clock, root, query, func(
		c *runCommand,
	) {
		c.BaseURL = "http://example.org/"
	}); got.code != 2 {
		t.Errorf("%+v", got)
	}
	if got := runQuery(t, server, clock, root, query, func(c *runCommand) { c.Email = "" }); got.code != 0 ||
		!strings.Contains(got.err, "NCBI_EMAIL") {
		t.Errorf("%+v", got)
	}
	for key, code := range map[string]int{"a wrong key": 2, strings.ToLower(canary): 1} {
		t.Setenv(keyVariable, key)
		got := runQuery(t, server, clock, filepath.Join(t.TempDir(), "C"), query)
		if got.code != code || strings.Contains(got.err, key) || strings.Count(got.err, "\n") != 1 {
			t.Errorf("key %q: %+v", key, got)
		}
	}
	server.Close()
	t.Setenv(keyVariable, canary)
	if got := runQuery(t, server, clock, filepath.Join(t.TempDir(), "C"), query); got.code != 75 {
		t.Errorf("no network: %+v", got)
	}
}
