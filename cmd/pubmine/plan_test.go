package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/store/storetest"
)

// squeezed is a text with single spaces.
func squeezed(text string) string { return strings.Join(strings.Fields(text), " ") }

// announced runs pubmine with --dry-run --json, and checks that nothing below root has changed.
func announced(t *testing.T, root string, code int, args ...string) (plan jobs.Plan) {
	t.Helper()
	before := storetest.States(t, root)
	var out, messages bytes.Buffer
	std := streams{out: &out, err: &messages}
	got := exit.Report(&messages, executed(t, t.Context(), append(args, "--corpus", root, "--dry-run", "--json"), std))
	if got != code {
		t.Fatalf("exit %d: %s", got, messages.String())
	}
	if err := json.Unmarshal(out.Bytes(), &plan); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	if diff := cmp.Diff(before, storetest.States(t, root)); diff != "" {
		t.Errorf("a dry run left traces:\n%s", diff)
	}
	return plan
}

// A dry run of a sync downloads nothing, and counts exactly what is in the mirror.
func TestDryRunOfSync(t *testing.T) {
	p, root := publish(t), filepath.Join(t.TempDir(), "C")
	for n := 1; n <= 3; n++ {
		p.add(t, fmt.Sprintf("baseline/pubmed26n%04d", n), n)
	}
	args := []string{"sync", "--base-url", p.url, "--tasks", "none"}
	plan := announced(t, root, 0, args...)
	if d := plan.Download; d.Files != 3 || d.Bytes != 3<<10 || plan.Remote != 90_000 || plan.Records != 90_000 ||
		!plan.Estimate.Typical || plan.Estimate.Seconds <= 0 {
		t.Errorf("at first: %+v", plan)
	}
	printed := squeezed(p.mustSync(t, root, "--dry-run"))
	if !strings.Contains(printed, "download 3 files, about 3.1 kB") ||
		!strings.Contains(printed, "pubmed26n0003 add: about 30,000 records") {
		t.Errorf("printed %s", printed)
	}
	p.mustSync(t, root)
	p.requests()
	plan = announced(t, root, 0, args...)
	if plan.Count(jobs.ActionNone) != 3 || plan.Records != 0 || p.requests() != 2 {
		t.Errorf("nothing to do: %+v", plan)
	}
	p.add(t, "updatefiles/pubmed26n0004", 4)
	removed := filepath.Join(root, "mirror", "baseline", "pubmed26n0002.xml.gz")
	if err := os.Remove(removed); err != nil {
		t.Fatal(err)
	}
	sidecar := filepath.Join(root, "mirror", "baseline", "pubmed26n0001.xml.gz.md5")
	if err := os.Chtimes(sidecar, p.now, p.now); err != nil { // so that it is requested
		t.Fatal(err)
	}
	plan = announced(t, root, 0, append(args, "--chunk", "9")...) // other settings: all again
	if plan.Count(jobs.ActionCompute) != 3 || plan.Count(jobs.ActionAdd) != 1 || plan.Download.Files != 2 ||
		plan.Records != 4 || plan.Remote != 2 || plan.Edition.ID != 2 || plan.Edition.CurrentAfter != 2 {
		t.Errorf("other settings: %+v", plan)
	}
	for _, path := range p.asked {
		if strings.HasSuffix(path, ".gz") && !strings.HasPrefix(path, "/baseline") {
			t.Errorf("%s was downloaded", path)
		}
	}
	p.mustSync(t, root, "--chunk", "9")
	want(t, root, "pubmed26n0001 pubmed26n0002 pubmed26n0003 pubmed26n0004")
	p.add(t, "baseline/pubmed26n0002", 22)
	code, printed := p.synced(t, root, "--dry-run")
	refused(t, code, printed, exit.Failure, "pubmed26n0002.xml.gz was reissued")
	plan = announced(t, root, 0, append(args, "--reissued")...)
	if plan.Count(jobs.ActionReplace) != 1 || plan.Download.Files != 1 || plan.Count(jobs.ActionNone) != 3 {
		t.Errorf("reissued: %+v", plan)
	}
}

// A dry run of a query asks for the number of its records, and for none of them.
func TestDryRunOfQuery(t *testing.T) {
	server, clock := ncbi(t, 200, nil)
	root := filepath.Join(t.TempDir(), "C")
	dry := func(c *runCommand) { c.DryRun = true }
	query := queryFlags{Query: "volunteers", Max: 20}
	got := runQuery(t, server, clock, root, query, dry)
	if got.code != 0 || !strings.Contains(squeezed(got.out), "download 20 records from NCBI") {
		t.Errorf("%+v", got)
	}
	if len(storetest.States(t, root)) > 0 {
		t.Error("a dry run left something")
	}
	for _, r := range server.Log() {
		if strings.Contains(r.Path, "efetch") {
			t.Errorf("records are fetched: %s", r.Path)
		}
	}
	if got := runQuery(t, server, clock, root, query); got.code != 0 {
		t.Fatal(got)
	}
	before := storetest.States(t, root)
	if got := runQuery(t, server, clock, root, query, dry); !strings.Contains(got.out, "nothing to do") {
		t.Errorf("%+v", got)
	}
	query.Max = 25
	again := runQuery(t, server, clock, root, query, dry, func(c *runCommand) { c.Replace = true })
	if again.code != 0 || !strings.Contains(squeezed(again.out), "records 25") {
		t.Errorf("%+v", again)
	}
	if diff := cmp.Diff(before, storetest.States(t, root)); diff != "" {
		t.Errorf("a dry run left traces:\n%s", diff)
	}
}

// What a run would refuse has the same message and exit code in a dry run.
func TestDryRunRefuses(t *testing.T) {
	root, in := filepath.Join(t.TempDir(), "C"), t.TempDir()
	path := write(t, filepath.Join(in, "a.xml"), "<PubmedArticleSet></PubmedArticleSet>")
	both := func(code int, args ...string) {
		t.Helper()
		var said [2]string
		for i, more := range [][]string{nil, {"--dry-run"}} {
			var out, messages bytes.Buffer
			command := slices.Concat([]string{"run", "--corpus", root}, args, more)
			got := exit.Report(&messages, executed(t, t.Context(), command, streams{out: &out, err: &messages}))
			if said[i] = messages.String(); got != code {
				t.Errorf("%v: exit %d: %s", command, got, said[i])
			}
		}
		if diff := cmp.Diff(said[0], said[1]); diff != "" {
			t.Errorf("%v (-run +dry run):\n%s", args, diff)
		}
	}
	both(exit.Input, write(t, filepath.Join(in, "bad.xml"), "<html/>"), "--tasks", "none")
	both(exit.OK, path, "--tasks", "none")
	write(t, path, "<PubmedArticleSet> </PubmedArticleSet>")
	both(exit.Input, path, "--tasks", "none")
	both(exit.Misuse, path, "--tasks", "what")
	for _, args := range [][]string{
		{"--json"}, {"--no-estimate"}, {"--dry-run", "--report", filepath.Join(in, "r.json")},
	} {
		var messages bytes.Buffer
		std := streams{out: &messages, err: &messages}
		command := append([]string{"run", path, "--corpus", root}, args...)
		code := exit.Report(&messages, executed(t, t.Context(), command, std))
		refused(t, code, messages.String(), exit.Misuse, "use ")
	}
}

func TestPlanIsPrinted(t *testing.T) {
	p := &jobs.Plan{
		Edition: jobs.PlannedEdition{
			ID: 3, CurrentBefore: 1, CurrentAfter: 1, Begins: true, Why: "model b instead of a",
			Lacks: []string{"u", "v", "w", "x"}, Lost: []string{"7 relations"}, Dropped: []int{2}, Release: "pubmed26",
		},
		PlannedWork: jobs.PlannedWork{
			Records: 1000, Reused: 30, ReusedWhole: 20, Repeated: 4, Encoded: 970, Resumed: 9,
		},
		Estimate: &jobs.PlanEstimate{
			Seconds: 5000, Sampled: 64, Tables: 2_500_000, Checkpoints: 300_000, Replaced: 12, Free: 2_000_000,
		},
	}
	for i := range 22 {
		p.Units = append(p.Units, jobs.PlannedUnit{
			Unit: fmt.Sprint("unit", i), Action: jobs.ActionReplace, Partial: true,
			PlannedWork: jobs.PlannedWork{Reused: 3},
		})
	}
	var b bytes.Buffer
	if err := writePlan(&b, p); err != nil {
		t.Fatal(err)
	}
	text := squeezed(b.String())
	for _, line := range []string{
		"edition 3 begins: model b instead of a",
		"readers stay with edition 1, of which edition 3 will lack 4 units: u, v, w and 1 more",
		"dropped edition 2, when edition 3 is complete", "lost 7 relations", "release pubmed26", "replaced 22",
		"unit0 replace: 0 records, 3 reused, partial", "… and 2 more: --json lists all", "reused for some tasks 10",
		"time about 83 min, estimated from 64 documents",
		"disk about 2.5 MB of tables, up to 300 kB for a time, of 2.0 MB free",
		"replaced files 12 B, which pubmine gc frees later", "warning the disk is too small",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("no %q in\n%s", line, b.String())
		}
	}
}

func TestRoughly(t *testing.T) {
	for seconds, want := range map[float64]string{
		0: "1 s", 9.4: "9 s", 119: "119 s", 150: "2 min", 7300: "2 h", 400_000: "5 days",
	} {
		if got := roughly(seconds); got != want {
			t.Errorf("%v: %s, not %s", seconds, got, want)
		}
	}
}
