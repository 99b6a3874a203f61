package jobs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/jobstest"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
	"github.com/pubmine/pubmine/sources/bulk"
)

// xmlFile writes a file of records: a text of each PMID.
func xmlFile(t *testing.T, path string, first, n int, text func(pmid int) string) {
	t.Helper()
	putFile(t, filepath.Dir(path), strings.TrimSuffix(filepath.Base(path), ".xml.gz"), recordsXML(first, n, text))
}

func recordsXML(first, n int, text func(pmid int) string) string {
	var b strings.Builder
	b.WriteString("<PubmedArticleSet>")
	for pmid := first; pmid < first+n; pmid++ {
		fmt.Fprintf(&b, `<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">%d</PMID><Article><Journal/>
<ArticleTitle>%s</ArticleTitle></Article></MedlineCitation></PubmedArticle>`, pmid, text(pmid))
	}
	b.WriteString("<PubmedArticle><bad></PubmedArticle></PubmedArticleSet>")
	return strings.Replace(b.String(), "<PubmedArticle><bad></PubmedArticle>", "", 1)
}

func plain(pmid int) string { return fmt.Sprintf("The gene of patient %d.", pmid) }

// fivePercent changes the text of every twentieth record.
func fivePercent(pmid int) string {
	if pmid%20 == 7 {
		return plain(pmid) + " Revised."
	}
	return plain(pmid)
}

// situation is a corpus, and a job that is announced before it is done.
type situation struct {
	t    *testing.T
	root string
	o    jobs.RunOptions
}

func newSituation(t *testing.T) *situation {
	t.Helper()
	root := filepath.Join(t.TempDir(), "C")
	return &situation{t: t, root: root, o: jobs.RunOptions{Corpus: root}}
}

// run announces a run, does it, and compares.
func (s *situation) run(r jobs.Request, source func() pipeline.Source) (*jobs.Plan, jobs.Outcome) {
	s.t.Helper()
	c := build(s.t, r)
	before := storetest.States(s.t, s.root)
	plan, refused := jobs.PlanRun(s.t.Context(), source(), c, s.o, true)
	if diff := cmp.Diff(before, storetest.States(s.t, s.root)); diff != "" {
		s.t.Fatalf("the plan changed the corpus:\n%s", diff)
	}
	done, err := jobs.Run(s.t.Context(), source(), c, s.o)
	s.compare(plan, refused, &done, err)
	return plan, done
}

// sync does the same with a sync from a mirror.
func (s *situation) sync(r jobs.Request, mirror string) (*jobs.Plan, jobs.Outcome) {
	s.t.Helper()
	c := build(s.t, r)
	before := storetest.States(s.t, s.root)
	plan, refused := jobs.PlanSync(s.t.Context(), bulk.OpenMirror(mirror), c, s.o, true)
	if diff := cmp.Diff(before, storetest.States(s.t, s.root)); diff != "" {
		s.t.Fatalf("the plan changed the corpus:\n%s", diff)
	}
	done, err := jobs.Sync(s.t.Context(), bulk.OpenMirror(mirror), c, s.o)
	s.compare(plan, refused, &done, err)
	return plan, done
}

// compare fails the test unless what happened is what was announced.
func (s *situation) compare(plan *jobs.Plan, refused error, done *jobs.Outcome, err error) {
	s.t.Helper()
	if fmt.Sprint(err) != fmt.Sprint(refused) {
		s.t.Fatalf("announced %v, happened %v", refused, err)
	}
	if err != nil {
		return
	}
	var published, skipped, failed []string
	for _, u := range plan.Units {
		switch u.Action {
		case jobs.ActionNone:
			skipped = append(skipped, u.Unit)
		case jobs.ActionFail:
			failed = append(failed, u.Unit+" "+u.Error)
		default:
			published = append(published, u.Unit)
		}
	}
	var errs []string
	for _, f := range done.Report.Failed {
		errs = append(errs, f.Unit.Name+" "+f.Err.Error())
	}
	equal := func(what string, announced, happened any) {
		s.t.Helper()
		if diff := cmp.Diff(announced, happened); diff != "" {
			s.t.Errorf("%s (-announced +happened):\n%s", what, diff)
		}
	}
	r := &done.Report
	equal("published", published, r.Done)
	equal("skipped", skipped, r.Skipped)
	equal("failed", failed, errs)
	if len(failed) == 0 {
		equal("records", plan.Records, r.Records+r.Resumed)
		equal("rejects", plan.Rejected, int(r.Counts.Rejects["malformed-xml"]))
	}
	equal("resumed", plan.Resumed, r.Resumed)
	if r.Reused < plan.Reused || r.Reused > plan.Reused+plan.Repeated ||
		r.Encoded > plan.Encoded || r.Encoded < plan.Encoded-plan.Repeated {
		s.t.Errorf("announced %+v, happened: reused %d, encoded %d", plan.PlannedWork, r.Reused, r.Encoded)
	}
	equal("edition", plan.Edition.ID, done.Edition.ID)
	equal("current", plan.Edition.CurrentAfter, done.Snapshot.Current)
	for _, id := range plan.Edition.Dropped {
		equal("dropped", (*corpus.Edition)(nil), done.Snapshot.Edition(id))
	}
	if e := plan.Estimate; e == nil || e.Seconds <= 0 && plan.Records > 0 || (plan.Records > 0) != (e.Tables > 0) {
		s.t.Errorf("estimate %+v", e)
	}
}

// files returns the source of some files.
func filesIn(t *testing.T, paths ...string) func() pipeline.Source {
	return func() pipeline.Source {
		t.Helper()
		s, err := sources.Files(paths...)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func count(t *testing.T, plan *jobs.Plan, a jobs.UnitAction, want int) {
	t.Helper()
	if n := plan.Count(a); n != want {
		t.Errorf("%d units to %s, not %d: %+v", n, a, want, plan.Units)
	}
}

// A plan announces what the run then does.
func TestPlanOfRun(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.xml.gz"), filepath.Join(dir, "b.xml.gz")
	xmlFile(t, a, 1, 300, plain)
	model := jobstest.WriteModel(t, schemas.TaskNER, schemas.TaskRelations, schemas.TaskSummary)
	ner := jobs.Request{Model: model, Tasks: []string{schemas.TaskNER}}
	all := jobs.Request{Model: model}
	s := newSituation(t)

	limited := func() pipeline.Source { return pipeline.Limit(filesIn(t, a)(), 100) }
	plan, _ := s.run(ner, limited)
	if u := plan.Units[0]; !plan.Edition.Begins || u.Action != jobs.ActionAdd || !u.Partial || u.Encoded != 100 {
		t.Errorf("fresh: %+v", plan)
	}
	plan, _ = s.run(ner, filesIn(t, a))
	count(t, plan, jobs.ActionComplete, 1)
	if plan.Reused != 100 || plan.Encoded != 200 {
		t.Errorf("completed: %+v", plan)
	}
	plan, _ = s.run(ner, filesIn(t, a))
	if count(t, plan, jobs.ActionNone, 1); plan.Records != 0 {
		t.Errorf("nothing to do: %+v", plan)
	}
	xmlFile(t, b, 250, 100, plain) // 51 of which are in the other file
	plan, _ = s.run(ner, filesIn(t, a, b))
	if count(t, plan, jobs.ActionAdd, 1); plan.Reused != 51 || plan.Encoded != 49 {
		t.Errorf("one more: %+v", plan)
	}
	plan, _ = s.run(all, filesIn(t, a, b))
	if count(t, plan, jobs.ActionCompute, 2); plan.Edition.ID != 2 || plan.Edition.CurrentAfter != 2 ||
		plan.Reused != 400 || plan.ReusedWhole != 0 ||
		!strings.Contains(plan.Edition.Why, "tasks ner,relations,summary instead of ner") {
		t.Errorf("more tasks: %+v", plan)
	}
	s.run(ner, filesIn(t, b)) // another edition than the current one
	s.run(jobs.Request{Model: model, Tasks: []string{schemas.TaskNER, schemas.TaskSummary}}, filesIn(t, a, b))
	s.o.DropTables = true
	plan, _ = s.run(jobs.Request{Model: model, Tasks: []string{schemas.TaskNER, schemas.TaskSummary}}, filesIn(t, a))
	if len(plan.Edition.Lost) != 1 || len(plan.Edition.Lacks) != 1 || plan.Edition.CurrentAfter != 2 {
		t.Errorf("dropped tables: %+v", plan.Edition)
	}
	s.o.DropTables = false
	xmlFile(t, a, 1, 300, fivePercent)
	plan, _ = s.run(all, filesIn(t, a, b))
	count(t, plan, jobs.ActionFail, 1)
	if len(plan.Failed) != 1 || !strings.Contains(plan.Failed[0].Err.Error(), "--replace") {
		t.Errorf("other content: %+v", plan)
	}
	s.o.Replace = true
	plan, _ = s.run(all, filesIn(t, a, b))
	if count(t, plan, jobs.ActionReplace, 1); plan.Encoded != 15 || plan.Reused != 285 || plan.Estimate.Replaced == 0 {
		t.Errorf("5%% changed: %+v", plan)
	}
	s.run(jobs.Request{Model: model, Chunk: 100}, filesIn(t, a, b))
	s.loseFile("b")
	plan, _ = s.run(jobs.Request{Model: model, Chunk: 100}, filesIn(t, a, b))
	count(t, plan, jobs.ActionRepair, 2) // a pack
	perturbed := jobstest.WriteModel(t, schemas.TaskNER, schemas.TaskRelations, schemas.TaskSummary)
	changeTensor("head.summary.bias")(t, perturbed)
	if err := os.Remove(filepath.Join(perturbed, catalog.CardFile)); err != nil {
		t.Fatal(err)
	}
	jobstest.WriteCard(t, perturbed, catalog.Card{Name: "new", Tasks: []string{"ner", "relations", "summary"}})
	plan, _ = s.run(jobs.Request{Model: perturbed}, filesIn(t, a, b))
	if plan.Reused != 400 || plan.ReusedWhole != 0 || !strings.Contains(plan.Edition.Why, "model new") {
		t.Errorf("a new summary head: %+v", plan)
	}
}

// loseFile removes a data file of a unit.
func (s *situation) loseFile(unit string) {
	s.t.Helper()
	snapshot, err := corpus.ReadSnapshot(s.root)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range filesOf(snapshot.Seen(), unit) {
		if err := os.Remove(filepath.Join(s.root, f.Path)); err != nil {
			s.t.Fatal(err)
		}
	}
}

// Records that an earlier input of the same run has are announced as such, and broken inputs as
// what they are.
func TestPlanOfOverlappingInputs(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for i := range 6 {
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("u%d.xml.gz", i)))
		xmlFile(t, paths[i], 1+20*i, 40, plain)
	}
	broken := filepath.Join(dir, "u9.xml")
	if err := os.WriteFile(broken, []byte("<PubmedArticleSet><PubmedArticle>"), 0o666); err != nil {
		t.Fatal(err)
	}
	r := jobs.Request{Model: jobstest.WriteModel(t, schemas.TaskNER)}
	plan, _ := newSituation(t).run(r, filesIn(t, append(paths, broken)...))
	if count(t, plan, jobs.ActionFail, 1); plan.Repeated != 100 || plan.Encoded != 240 {
		t.Errorf("%+v", plan)
	}
	plan, _ = newSituation(t).run(jobs.Request{Tasks: []string{jobs.NoTasks}}, filesIn(t, paths...))
	if plan.Repeated != 0 || plan.Encoded != 0 || plan.Records != 240 {
		t.Errorf("without tasks: %+v", plan)
	}
}

// An interrupted unit is announced with its checkpoints.
func TestPlanOfInterruptedRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.xml.gz")
	xmlFile(t, path, 1, 50, plain)
	r := jobs.Request{Model: jobstest.WriteModel(t, schemas.TaskNER), Chunk: 8}
	s, c := newSituation(t), build(t, r)
	stopping := s.o
	stopping.Progress = func([]schemas.Unit, *jobs.Meter) (pipeline.Hooks, func()) {
		n := 0
		return pipeline.Hooks{Documents: func(schemas.Unit, int, bool) {
			if n++; n == 3 {
				panic("crash")
			}
		}}, func() {}
	}
	if _, err := jobs.Run(t.Context(), filesIn(t, path)(), c, stopping); err == nil {
		t.Fatal("the run did not stop")
	}
	plan, _ := s.run(r, filesIn(t, path))
	if plan.Resumed != 24 || plan.Encoded != 26 {
		t.Errorf("%+v", plan)
	}
}

// A plan of a sync announces what the sync then does: at first, with updates, a file that was
// reissued, other settings, and a new yearly release.
func TestPlanOfSync(t *testing.T) {
	mirror := t.TempDir()
	put := func(name string, first, n int, text func(int) string) {
		t.Helper()
		putFile(t, mirror, name, recordsXML(first, n, text))
	}
	put("baseline/pubmed26n0001", 1, 100, plain)
	put("baseline/pubmed26n0002", 101, 100, plain)
	model := jobstest.WriteModel(t, schemas.TaskNER, schemas.TaskSummary)
	ner, all := jobs.Request{Model: model, Tasks: []string{schemas.TaskNER}}, jobs.Request{Model: model}
	s := newSituation(t)
	plan, _ := s.sync(ner, mirror)
	if count(t, plan, jobs.ActionAdd, 2); plan.Edition.Release != "pubmed26" || plan.Encoded != 200 {
		t.Errorf("at first: %+v", plan)
	}
	put("updatefiles/pubmed26n0003", 1, 100, fivePercent)
	put("updatefiles/pubmed26n0004", 1, 100, fivePercent)
	plan, done := s.sync(ner, mirror)
	if count(t, plan, jobs.ActionNone, 2); plan.Reused != done.Report.Reused || plan.Encoded != done.Report.Encoded ||
		plan.Encoded != 5 || plan.Reused != 195 {
		t.Errorf("updates: %+v, %+v", plan, done.Report)
	}
	plan, _ = s.sync(all, mirror)
	count(t, plan, jobs.ActionCompute, 4)
	put("updatefiles/pubmed26n0003", 1, 90, plain)
	s.sync(all, mirror) // refused
	s.o.Replace = true
	plan, _ = s.sync(all, mirror)
	count(t, plan, jobs.ActionReplace, 1)
	if err := os.RemoveAll(mirror); err != nil {
		t.Fatal(err)
	}
	put("baseline/pubmed27n0001", 1, 100, plain)
	put("baseline/pubmed27n0002", 101, 100, fivePercent)
	plan, _ = s.sync(all, mirror)
	if e := plan.Edition; e.Release != "pubmed27" || len(e.Dropped) != 1 || e.CurrentAfter != e.ID ||
		!strings.Contains(e.Why, "release pubmed27 instead of pubmed26") || plan.Encoded != 5 ||
		plan.Estimate.Replaced == 0 {
		t.Errorf("a new release: %+v", plan)
	}
}
