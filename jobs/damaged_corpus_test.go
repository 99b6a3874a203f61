package jobs_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/jobstest"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/jobs/verify"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/arrowview"
	"github.com/pubmine/pubmine/schemas/parquetio"
	"github.com/pubmine/pubmine/sources"
	"github.com/pubmine/pubmine/sources/eutils"
)

// damagedCorpus is a corpus that is damaged and repaired again and again.
type damagedCorpus struct {
	*testing.T
	root   string
	random *rand.Rand
	before map[string]string // files by path, those below tables/ without the generation
}

// newDamagedCorpus makes a corpus with two editions, of units alone and of packs, a checkpoint of
// the log, one of an unfinished unit, and a plan.
func newDamagedCorpus(t *testing.T) *damagedCorpus {
	c := &damagedCorpus{T: t, root: filepath.Join(storetest.QuickDir(t), "C"), random: rand.New(rand.NewPCG(1, 2))}
	dir, model := t.TempDir(), jobstest.WriteModel(t, schemas.Tasks()...)
	run := func(r jobs.Request, paths ...string) {
		t.Helper()
		components := build(t, r)
		defer components.Close()
		in, err := sources.Files(paths...)
		if err != nil {
			t.Fatal(err)
		}
		done, err := jobs.Run(context.Background(), in, components, jobs.RunOptions{Corpus: c.root, DropTables: true})
		if err != nil || len(done.Report.Failed) > 0 {
			t.Fatal(err, done.Report.Failed)
		}
	}
	var paths []string
	for i := range 4 {
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("in%d.xml.gz", i)))
		text := func(pmid int) string { return fmt.Sprintf("The α-gene of patient %d. It is.", pmid) }
		xmlFile(t, paths[i], 100*i+1, 8+i, text)
	}
	tasks := []string{schemas.TaskNER, schemas.TaskRelations, schemas.TaskSummary}
	run(jobs.Request{Model: model, Tasks: tasks, Chunk: 4}, paths[:3]...) // a pack
	run(jobs.Request{Model: model, Tasks: tasks, Chunk: 4}, paths[3])
	run(jobs.Request{Tasks: []string{jobs.NoTasks}}, paths[2:]...) // another edition
	m, err := corpus.Manage(c.root, corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 101 { // versions, until there is a checkpoint
		if err := m.Use(1+(i+1)%2, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	c.addCheckpoint()
	c.addPlan()
	c.before = c.state()
	if problems := c.verify(); len(problems) > 0 {
		t.Fatal(problems)
	}
	if len(c.files("meta/log/*.checkpoint.json")) != 1 {
		t.Fatal("no checkpoint of the log")
	}
	return c
}

func (c *damagedCorpus) addCheckpoint() {
	path := filepath.Join(c.root, "meta/work/unfinished-01234567/chunk-0000.arrow")
	err := os.MkdirAll(filepath.Dir(path), 0o777)
	f, creating := os.Create(path)
	if err = errors.Join(err, creating); err == nil {
		err = errors.Join(arrowview.WriteChunk(f, []schemas.Rows{{}}), f.Close())
	}
	if err != nil {
		c.Fatal(err)
	}
}

func (c *damagedCorpus) addPlan() {
	plan := eutils.Plan{Format: 2, Query: eutils.Query{Term: "fever"}, Count: 1, PMIDs: []schemas.PMID{7}}
	plan.Digest = fmt.Sprintf("%x", sha256.Sum256([]byte("7\n")))
	line, err := json.Marshal(plan)
	if err != nil {
		c.Fatal(err)
	}
	c.put("meta/plans/"+plan.Query.Name()+".json", string(line)+"\n"+checkLine(line))
}

// checkLine is the second line of a plan or of a file of the log.
func checkLine(line []byte) string { return fmt.Sprintf("{\"sha256\":\"%x\"}\n", sha256.Sum256(line)) }

func (c *damagedCorpus) put(key, data string) {
	path := filepath.Join(c.root, filepath.FromSlash(key))
	err := os.MkdirAll(filepath.Dir(path), 0o777)
	if err = errors.Join(err, os.WriteFile(path, []byte(data), 0o666)); err != nil {
		c.Fatal(err)
	}
}

// state returns the files of the corpus and their contents.
func (c *damagedCorpus) state() map[string]string {
	found := map[string]string{}
	tables, err := filepath.EvalSymlinks(filepath.Join(c.root, "tables"))
	if err != nil {
		c.Fatal(err)
	}
	for _, folder := range []string{c.root, tables} {
		err := filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() || folder == c.root && strings.Contains(path, "/meta/tables/") {
				return err
			}
			data, err := os.ReadFile(path)
			key, _ := filepath.Rel(c.root, path)
			if folder == tables {
				key, _ = filepath.Rel(tables, path)
				key = "tables/" + strings.Replace(key, filepath.Base(tables)+"/", "", 1)
			}
			found[key] = string(data)
			return err
		})
		if err != nil {
			c.Fatal(err)
		}
	}
	return found
}

func (c *damagedCorpus) verify() []corpus.Problem {
	r, err := verify.Check(context.Background(), c.root, verify.Options{})
	if err != nil {
		c.Fatal(err)
	}
	return r.Problems
}

func (c *damagedCorpus) repair() (left []corpus.Problem, lines []string) {
	r, err := jobs.Repair(context.Background(), jobs.RepairOptions{
		Corpus: c.root, Log: func(line string) { lines = append(lines, line) },
	})
	if err != nil {
		c.Fatal(err)
	}
	return r.Problems, lines
}

// files returns the files that match a pattern.
func (c *damagedCorpus) files(pattern string) []string {
	found, err := filepath.Glob(filepath.Join(c.root, filepath.FromSlash(pattern)))
	if err != nil || len(found) == 0 {
		c.Fatal(pattern, found, err)
	}
	return found
}

// any returns one of the files that match a pattern.
func (c *damagedCorpus) any(pattern string) string {
	found := c.files(pattern)
	return found[c.random.IntN(len(found))]
}

// restore undoes a damage by hand.
func (c *damagedCorpus) restore() {
	now := c.state()
	for key, data := range c.before {
		if now[key] != data && !strings.HasPrefix(key, "tables/") {
			c.put(key, data)
		}
	}
	extra, _ := filepath.Glob(filepath.Join(c.root, "meta/tables/*/*/*/extra.parquet")) // an earlier generation
	for _, path := range extra {
		c.lose(path)
	}
	for key := range c.state() {
		if _, ok := c.before[key]; !ok {
			path := filepath.Join(c.root, filepath.FromSlash(key))
			if rest, ok := strings.CutPrefix(key, "tables/"); ok {
				table, name := filepath.Split(rest)
				path = c.files("tables/" + table + "*/" + name)[0]
			}
			if err := os.Remove(path); err != nil {
				c.Fatal(err)
			}
		}
	}
}

// cut, flip and lose damage a file.
func (c *damagedCorpus) cut(path string) {
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, c.random.Int64N(info.Size()))
	}
	if err != nil {
		c.Fatal(err)
	}
}

func (c *damagedCorpus) flip(path string) {
	data, err := os.ReadFile(path)
	if err == nil {
		data[c.random.IntN(len(data))] ^= 1 << c.random.IntN(8)
		err = os.WriteFile(path, data, 0o666)
	}
	if err != nil {
		c.Fatal(err)
	}
}

func (c *damagedCorpus) lose(path string) {
	if err := os.Remove(path); err != nil {
		c.Fatal(err)
	}
}

// copy copies a file.
func (c *damagedCorpus) copy(from, to string) {
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o666)
	}
	if err != nil {
		c.Fatal(err)
	}
}

// forge replaces a data file by one with other rows, and its size, digest and number of rows in the
// log, as a program with a mistake would have published it.
func (c *damagedCorpus) forge(table string, change func(rows []schemas.Rows) []schemas.Rows) {
	s, err := corpus.ReadSnapshot(c.root)
	if err != nil {
		c.Fatal(err)
	}
	files := s.Editions[0].Files(table)
	f := files[c.random.IntN(len(files))]
	path := filepath.Join(c.root, filepath.FromSlash(f.Path))
	var rows []schemas.Rows
	for r, err := range parquetio.Rows(path, table) {
		if err != nil {
			c.Fatal(err)
		}
		rows = append(rows, r)
	}
	rows = change(rows)
	out, err := os.Create(path)
	if err != nil {
		c.Fatal(err)
	}
	i := slices.IndexFunc(schemas.Tables(), func(t schemas.Table) bool { return t.Name == table })
	w, err := parquetio.NewWriter(out, schemas.Tables()[i], nil)
	if err == nil {
		err = errors.Join(w.Write(rows), w.Close(), out.Close())
	}
	data, reading := os.ReadFile(path)
	if err := errors.Join(err, reading); err != nil {
		c.Fatal(err)
	}
	forged := f
	forged.Rows, forged.Bytes = int64(len(rows)), int64(len(data))
	forged.SHA256 = fmt.Sprintf("%x", sha256.Sum256(data))
	was, _ := json.Marshal(f)
	is, _ := json.Marshal(forged)
	for _, file := range append(c.files("meta/log/*.json"), c.files("meta/copy/*.json")...) {
		text, err := os.ReadFile(file)
		if err != nil {
			c.Fatal(err)
		}
		line, _, _ := strings.Cut(string(text), "\n")
		line = strings.ReplaceAll(line, string(was), string(is))
		if err := os.WriteFile(file, []byte(line+"\n"+checkLine([]byte(line))), 0o666); err != nil {
			c.Fatal(err)
		}
	}
}

// table returns a table with rows, not rejects.
func (c *damagedCorpus) table() string {
	return filepath.Base(filepath.Dir(c.any("delta/[^r]*/in*.parquet")))
}
