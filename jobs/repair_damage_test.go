package jobs_test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/schemas"
)

var damages = flag.Int("damages", 0, "number of random damages (default 20, 8 in short mode)")

// What a repair can do about a damage.
const (
	repairable = iota
	dropped    // the damaged file is removed: nothing needs it
	reported   // what is wrong is reported again
)

// damage is a kind of damage.
type damage struct {
	do   func(c *damagedCorpus)
	then int
}

// each returns a damage for each of some ways to damage a file.
func each(name, pattern string, then int, ways ...string) map[string]damage {
	all := map[string]damage{}
	for _, way := range ways {
		all[name+" "+way] = damage{then: then, do: func(c *damagedCorpus) {
			path := c.any(pattern)
			switch way {
			case "cut":
				c.cut(path)
			case "flipped":
				c.flip(path)
			case "lost":
				c.lose(path)
			}
		}}
	}
	return all
}

// damageKinds are the kinds of damage.
func damageKinds() map[string]damage {
	all := map[string]damage{}
	for _, kinds := range []map[string]damage{
		each("data file", "delta/*/in*.parquet", repairable, "cut", "flipped", "lost"),
		each("commit", "meta/log/*[0-9].json", repairable, "cut", "flipped", "lost"),
		each("copy of a commit", "meta/copy/*[0-9].json", repairable, "cut", "flipped", "lost"),
		each("checkpoint of the log", "meta/log/*.checkpoint.json", repairable, "cut", "flipped", "lost"),
		each("checkpoint of a unit", "meta/work/*/*.arrow", dropped, "cut", "flipped"),
		each("plan", "meta/plans/*.json", reported, "cut", "flipped"),
		each("Delta commit", "delta/*/_delta_log/*.json", repairable, "cut", "flipped", "lost"),
		each("Delta checkpoint", "delta/*/_delta_log/*.parquet", repairable, "cut", "flipped", "lost"),
		each("_last_checkpoint", "delta/*/_delta_log/_last_checkpoint", repairable, "cut", "flipped"),
		each("corpus.json", "corpus.json", repairable, "cut", "flipped", "lost"),
		each("file without rows", "delta/*/+empty.parquet", repairable, "cut", "flipped", "lost"),
		each("link", "tables/*/*/*.parquet", repairable, "lost"),
	} {
		maps.Copy(all, kinds)
	}
	all["data file and link lost"] = damage{do: func(c *damagedCorpus) {
		path := c.any("tables/*/*/in*.parquet")
		table := filepath.Base(filepath.Dir(filepath.Dir(path)))
		part := strings.TrimSuffix(filepath.Base(path), ".parquet")
		c.lose(c.any("delta/" + table + "/" + part + "-*.parquet"))
		c.lose(path)
	}}
	all["data file renamed"] = damage{do: func(c *damagedCorpus) {
		path := c.any("delta/*/in*.parquet")
		to := []string{path + ".old", filepath.Join(filepath.Dir(path), "x-01234567.parquet")}[c.random.IntN(2)]
		if err := os.Rename(path, to); err != nil {
			c.Fatal(err)
		}
	}}
	all["link to another file"] = damage{do: func(c *damagedCorpus) {
		path := c.any("tables/*/*/in*.parquet")
		c.lose(path)
		c.copy(c.any("delta/*/+empty.parquet"), path)
	}}
	all["extra file in delta"] = damage{then: reported, do: func(c *damagedCorpus) {
		path := c.any("delta/*/in*.parquet")
		c.copy(path, filepath.Join(filepath.Dir(path), "extra.parquet"))
	}}
	all["extra data file"] = damage{then: dropped, do: func(c *damagedCorpus) {
		path := c.any("delta/*/in*.parquet")
		c.copy(path, filepath.Join(filepath.Dir(path), "x-01234567.parquet"))
	}}
	all["extra link"] = damage{then: reported, do: func(c *damagedCorpus) {
		path := c.any("tables/*/*/in*.parquet")
		c.copy(path, filepath.Join(filepath.Dir(path), "extra.parquet"))
	}}
	all["wrong offset"] = damage{then: reported, do: func(c *damagedCorpus) {
		c.forge("mentions", func(rows []schemas.Rows) []schemas.Rows {
			rows[c.random.IntN(len(rows))].Mentions[0].DocStart++
			return rows
		})
	}}
	all["duplicate row"] = damage{then: reported, do: func(c *damagedCorpus) {
		c.forge(c.table(), func(rows []schemas.Rows) []schemas.Rows {
			i := c.random.IntN(len(rows))
			return slices.Insert(rows, i, rows[i])
		})
	}}
	all["row lost"] = damage{then: reported, do: func(c *damagedCorpus) {
		c.forge(c.table(), func(rows []schemas.Rows) []schemas.Rows {
			i := c.random.IntN(len(rows))
			return slices.Delete(rows, i, i+1)
		})
	}}
	return all
}

// Random damages of all kinds are all found, and all that can be restored are restored to the same
// bytes.
func TestRandomDamages(t *testing.T) {
	n := *damages
	if n == 0 {
		n = 20
		if testing.Short() {
			n = 8
		}
	}
	c := newDamagedCorpus(t)
	kinds := damageKinds()
	names := slices.Sorted(maps.Keys(kinds))
	c.random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	found, restored := 0, 0
	for i := range n {
		name := names[i%len(names)]
		kind := kinds[name]
		kind.do(c)
		problems := c.verify()
		if len(problems) == 0 {
			t.Errorf("%d, %s: not found", i, name)
		} else {
			found++
		}
		left, lines := c.repair()
		switch after := c.state(); {
		case kind.then == reported && len(left) == 0:
			t.Errorf("%d, %s: not reported again after %v", i, name, problems)
		case kind.then == dropped && len(left) > 0, kind.then == repairable && len(left) > 0:
			t.Errorf("%d, %s: %v\nthen %v\nstill %v", i, name, problems, lines, left)
		case kind.then == repairable:
			if diff := cmp.Diff(c.before, after); diff != "" {
				t.Errorf("%d, %s: %v\nthen %v (-before +after)\n%s", i, name, problems, lines, diff)
			} else {
				restored++
			}
		}
		c.restore()
		if t.Failed() {
			return
		}
	}
	if problems := c.verify(); len(problems) > 0 {
		t.Errorf("at the end: %v", problems)
	}
	t.Logf("%d damages of %d kinds: %d found, %d restored to the same bytes", n, len(names), found, restored)
}
