package reuse_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/reuse"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

var _ pipeline.Reuser = (*reuse.Reuser)(nil)

const allTasks = "ner,linking,relations,summary,answers,labels,vectors"

// The results of a document with the same text are those from which its rows were made; metadata,
// version and unit may be others.
func TestReuse(t *testing.T) {
	docs := []annotated{}
	for pmid := range schemas.PMID(600) {
		doc := document(pmid+1, "aspirin")
		docs = append(docs, annotated{doc, annotate(doc, "x")})
	}
	r := newReuser(t, digests(), writePart(t, t.TempDir(), "u", digests(), docs...))
	for _, chunk := range [][]annotated{docs[:256], docs[256:512], {docs[599], docs[3]}, docs[:1]} {
		var revised []*schemas.Document
		for _, x := range chunk {
			doc := *x.doc
			doc.Version, doc.Citation.Journal = 2, "J"
			revised = append(revised, &doc)
		}
		found, err := r.Reuse(t.Context(), schemas.Unit{}, revised)
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range found {
			want := &pipeline.Reused{Annotations: chunk[i].a, Tasks: schemas.Tasks()}
			if diff := cmp.Diff(want, x, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("document %d (-computed +reused):\n%s", chunk[i].doc.PMID, diff)
			}
		}
	}
}

// Documents with another text or sections, or without results, are computed.
func TestReuseOnlyTheSame(t *testing.T) {
	doc := document(7, "aspirin")
	other := func(change func(*schemas.Document)) *schemas.Document {
		changed := document(7, "aspirin")
		change(changed)
		return changed
	}
	tombstone := &schemas.Document{PMID: 9, Version: 1, Deleted: true}
	failed := annotate(document(8, "x"), "x")
	failed.Rejects = append(failed.Rejects, schemas.Reject{Stage: schemas.TaskAnswers, Kind: "panic", Message: "?"})
	part := writePart(t, t.TempDir(), "u", digests(),
		annotated{doc, annotate(doc, "x")}, annotated{document(8, "x"), failed}, annotated{tombstone, nil})
	r := newReuser(t, digests(), part)
	got := results(t, r,
		doc,
		other(func(d *schemas.Document) { d.PMID = 6 }),
		other(func(d *schemas.Document) { d.Sections[1].Text += "." }),
		other(func(d *schemas.Document) { d.Sections[1].Label = "" }),
		other(func(d *schemas.Document) { d.PMID = 1 << 30 }),
		document(8, "x"),
		document(9, "x"),
		doc,
	)
	want := []string{"x " + allTasks, "", "", "", "", "", "", "x " + allTasks}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// Only the results of tasks with the same digest are reused, and of those that run.
func TestReuseOfTasks(t *testing.T) {
	doc := document(7, "aspirin")
	part := writePart(t, t.TempDir(), "u", digests(), annotated{doc, annotate(doc, "x")})
	without := digests()
	delete(without, schemas.TaskAnswers)
	noAnswers := func(a *schemas.Annotations) { a.Answers = nil }
	onlyNER := func(a *schemas.Annotations) {
		a.Relations, a.Mentions, a.Rejects = nil, a.Mentions[:1], nil // the other mention was generated
	}
	noConcepts := func(a *schemas.Annotations) {
		for i := range a.Mentions {
			a.Mentions[i].Concept = ""
		}
	}
	for name, test := range map[string]struct {
		digests map[string]string
		tasks   string
		keep    func(a *schemas.Annotations)
	}{
		"relations":  {with("relations", "new"), "ner,linking,summary,answers,labels,vectors", onlyNER},
		"linking":    {with("linking", "new"), "ner,relations,summary,answers,labels,vectors", noConcepts},
		"answers":    {with("answers", "new"), "ner,linking,relations,summary,labels,vectors", noAnswers},
		"no answers": {without, "ner,linking,relations,summary,labels,vectors", noAnswers},
	} {
		r := newReuser(t, test.digests, part)
		found, err := r.Reuse(t.Context(), schemas.Unit{}, []*schemas.Document{doc})
		if err != nil {
			t.Fatal(err)
		}
		want := annotate(doc, "x")
		test.keep(want)
		found[0].Annotations.Sentences, want.Sentences = nil, nil // needed only if no task runs
		if diff := cmp.Diff(want, found[0].Annotations, cmpopts.EquateEmpty()); diff != "" ||
			strings.Join(found[0].Tasks, ",") != test.tasks {
			t.Errorf("%s: tasks %v (-want +got):\n%s", name, found[0].Tasks, diff)
		}
	}
	other := map[string]string{"ner": "m", "relations": "m", "summary": "m", "answers": "m"}
	if got := results(t, newReuser(t, other, part), doc); got[0] != "" {
		t.Errorf("another model: %q", got)
	}
}

// Of several parts, those with the results of more tasks are taken, then the later ones; a part
// with another text does not hide one with the same.
func TestReuseFromSeveralParts(t *testing.T) {
	dir := t.TempDir()
	made := func(name string, parts map[string]string, sequence int64, words string, pmids ...schemas.PMID) reuse.Part {
		var docs []annotated
		for _, pmid := range pmids {
			doc := document(pmid, words)
			docs = append(docs, annotated{doc, annotate(doc, name)})
		}
		p := writePart(t, dir, name, parts, docs...)
		p.Sequence = sequence
		return p
	}
	r := newReuser(t, digests(),
		made("fewer", with("answers", "old"), 9, "aspirin", 1, 2, 3, 4),
		made("early", digests(), 1, "aspirin", 1, 2, 3),
		made("late", digests(), 3, "revised", 2, 3, 5),
		made("middle", digests(), 2, "aspirin", 3),
	)
	got := results(t, r,
		document(1, "aspirin"), document(2, "aspirin"), document(3, "aspirin"), document(4, "aspirin"),
		document(2, "revised"), document(5, "aspirin"),
	)
	want := []string{
		"early " + allTasks, "early " + allTasks, "middle " + allTasks,
		"fewer ner,linking,relations,summary,labels,vectors", "late " + allTasks, "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// However records and revisions are divided among parts and chunks, each document gets the latest
// result for its text.
func TestReuseFromManyParts(t *testing.T) {
	dir := t.TempDir()
	latest := map[[2]int]string{} // by pmid and text
	var parts []reuse.Part
	for i := range 50 { // more than may be open
		name := string(rune('A'+i/26)) + string(rune('a'+i%26))
		var docs []annotated
		for pmid := 1 + i%7; pmid < 60; pmid += 1 + i%5 {
			text := (pmid + i/9) % 3
			doc := document(schemas.PMID(pmid), strings.Repeat("a", 1+text))
			docs = append(docs, annotated{doc, annotate(doc, name)})
			latest[[2]int{pmid, text}] = name
		}
		p := writePart(t, dir, name, digests(), docs...)
		p.Sequence = int64(i)
		parts = append(parts, p)
	}
	r := newReuser(t, digests(), parts...)
	rapid.Check(t, func(t *rapid.T) {
		var docs []*schemas.Document
		var want []string
		for range rapid.IntRange(0, 20).Draw(t, "documents") {
			pmid, text := rapid.IntRange(1, 62).Draw(t, "pmid"), rapid.IntRange(0, 2).Draw(t, "text")
			docs = append(docs, document(schemas.PMID(pmid), strings.Repeat("a", 1+text)))
			if name, ok := latest[[2]int{pmid, text}]; ok {
				want = append(want, name+" "+allTasks)
			} else {
				want = append(want, "")
			}
		}
		if diff := cmp.Diff(want, results(t, r, docs...)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// After an Update the results are those of a new Reuser of the same parts, whatever was read
// before, and whatever vanished with the parts that are gone.
func TestUpdateIsANewReuser(t *testing.T) {
	dir := t.TempDir()
	var parts []reuse.Part
	for i := range 40 { // more than may be open
		name := string(rune('A'+i/26)) + string(rune('a'+i%26))
		var docs []annotated
		for pmid := 1 + i%3; pmid < 30; pmid += 1 + i%4 {
			doc := document(schemas.PMID(pmid), strings.Repeat("a", 1+(pmid+i)%2))
			docs = append(docs, annotated{doc, annotate(doc, name)})
		}
		p := writePart(t, dir, name, []map[string]string{digests(), with("answers", "old")}[i%2], docs...)
		p.Sequence = int64(i)
		parts = append(parts, p)
	}
	rapid.Check(t, func(t *rapid.T) {
		r := reuse.New(nil, schemas.Tasks(), digests(), func(line string) { t.Errorf("log: %s", line) })
		defer r.Close()
		for range 4 {
			path := func(p reuse.Part) string { return p.Path("documents") }
			some := rapid.SliceOfNDistinct(rapid.SampledFrom(parts), 0, 40, path).Draw(t, "parts")
			r.Update(some)
			var docs []*schemas.Document
			for range rapid.IntRange(0, 20).Draw(t, "documents") {
				pmid, text := rapid.IntRange(1, 31).Draw(t, "pmid"), rapid.IntRange(1, 2).Draw(t, "text")
				docs = append(docs, document(schemas.PMID(pmid), strings.Repeat("a", text)))
			}
			fresh := reuse.New(some, schemas.Tasks(), digests(), nil)
			if diff := cmp.Diff(results(t, fresh, docs...), results(t, r, docs...)); diff != "" {
				t.Fatalf("(-new +updated):\n%s", diff)
			}
			fresh.Close()
		}
	})
}

// The files of a part may vanish once it is gone: whatever was open of it is not used any more.
func TestUpdateForgetsParts(t *testing.T) {
	doc, dir := document(7, "aspirin"), t.TempDir()
	old := writePart(t, dir, "old", digests(), annotated{doc, annotate(doc, "old")})
	r := newReuser(t, digests(), old)
	if got := results(t, r, doc); got[0] != "old "+allTasks {
		t.Fatalf("%q", got)
	}
	r.Update([]reuse.Part{writePart(t, dir, "packed", digests(), annotated{doc, annotate(doc, "packed")})})
	damaged(t, os.Remove(filepath.Join(dir, "old-documents")))
	if got := results(t, r, doc); got[0] != "packed "+allTasks {
		t.Errorf("%q", got)
	}
}

// A part that cannot be read is put aside: its documents are computed, or taken from another part.
func TestReuseOfDamagedParts(t *testing.T) {
	doc := document(7, "aspirin")
	for name, damage := range map[string]func(t *testing.T, dir string){
		"no documents": func(t *testing.T, dir string) { damaged(t, os.Remove(filepath.Join(dir, "u-documents"))) },
		"no mentions":  func(t *testing.T, dir string) { damaged(t, os.Remove(filepath.Join(dir, "u-mentions"))) },
		"empty":        func(t *testing.T, dir string) { damaged(t, os.Truncate(filepath.Join(dir, "u-answers"), 0)) },
		"other columns": func(t *testing.T, dir string) {
			damaged(t, os.Rename(filepath.Join(dir, "u-rejects"), filepath.Join(dir, "u-relations")))
		},
		"flipped": func(t *testing.T, dir string) {
			data, err := os.ReadFile(filepath.Join(dir, "u-mentions"))
			damaged(t, err)
			for i := 4; i < len(data)/2; i++ {
				data[i] ^= 0x55
			}
			damaged(t, os.WriteFile(filepath.Join(dir, "u-mentions"), data, 0o666))
		},
	} {
		dir := t.TempDir()
		p := writePart(t, dir, "u", digests(), annotated{doc, annotate(doc, "damaged")})
		p.Sequence = 1
		damage(t, dir)
		for _, others := range [][]reuse.Part{
			nil, {writePart(t, t.TempDir(), "v", digests(), annotated{doc, annotate(doc, "good")})},
		} {
			var lines []string
			log := func(line string) { lines = append(lines, line) }
			r := reuse.New(append(others, p), schemas.Tasks(), digests(), log)
			want := ""
			if others != nil {
				want = "good " + allTasks
			}
			for range 2 {
				if got := results(t, r, doc); got[0] != want {
					t.Errorf("%s: got %q, not %q", name, got, want)
				}
			}
			if r.Close(); len(lines) != 1 || !strings.Contains(lines[0], filepath.Join(dir, "u-")) {
				t.Errorf("%s: log %q", name, lines)
			}
		}
	}
}

func damaged(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestReuseStops(t *testing.T) {
	doc, boom := document(7, "aspirin"), errors.New("boom")
	r := newReuser(t, digests(), writePart(t, t.TempDir(), "u", digests(), annotated{doc, annotate(doc, "x")}))
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(boom)
	if _, err := r.Reuse(ctx, schemas.Unit{}, []*schemas.Document{doc}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := results(t, r, doc); got[0] == "" {
		t.Error("nothing is found after that")
	}
	if got := results(t, newReuser(t, digests()), doc); got[0] != "" {
		t.Errorf("without parts: %q", got)
	}
}
