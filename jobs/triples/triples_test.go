package triples

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/vocabulary/normalize"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// lexicon has the type and concept of each word of the tests' texts.
func lexicon() map[string]schemas.Mention {
	return map[string]schemas.Mention{
		"aspirin":   {Type: "Chemical", Concept: "MESH:1", ConceptName: "Aspirin"},
		"ASA":       {Type: "Chemical", Concept: "MESH:1", ConceptName: "Aspirin"},
		"both":      {Type: "Chemical", Concept: "MESH:1|MESH:2", ConceptName: "Aspirin|Ibuprofen"},
		"ibuprofen": {Type: "Chemical", Concept: "MESH:2", ConceptName: "Ibuprofen"},
		"IL-2":      {Type: "Gene"},
		"IL2":       {Type: "Gene"},
		"fever":     {Type: "Disease"},
		"Fevers":    {Type: "Disease"},
		"TP53":      {Type: "Gene", Concept: "NCBIGene:7157"},
	}
}

// task makes each word of the lexicon a mention, and relates it to the next one with a type, a
// score and a method that follow from both.
type task struct{}

func (task) Name() string { return schemas.TaskRelations }

func (task) Annotate(t *model.Text, _ model.States, a *schemas.Annotations) error {
	for _, w := range t.Words {
		word := strings.Trim(t.Body[w.Start:w.End], ".")
		m, ok := lexicon()[word]
		if !ok {
			continue
		}
		m.ID, m.Span, m.Sentence = len(a.Mentions), schemas.Span{Start: w.Start, End: w.Start + len(word)}, w.Sentence
		m.Section = t.Sentences[w.Sentence].Section
		a.Mentions = append(a.Mentions, m)
	}
	for i := range len(a.Mentions) - 1 {
		h := fnv.New32a()
		fmt.Fprint(h, t.Body[a.Mentions[i].Start:a.Mentions[i+1].End])
		r := schemas.Relation{
			Type: []string{"CID", "Association"}[h.Sum32()%2], Subject: i, Object: i + 1, Sentence: -1,
			Score: float32(h.Sum32()/2%8) / 8, Method: schemas.MethodHead,
		}
		r.Certainty = []string{schemas.Asserted, schemas.Negated, schemas.Speculative}[h.Sum32()/64%3]
		if h.Sum32()/16%4 == 0 {
			r.Method = schemas.MethodGenerated
		}
		a.Relations = append(a.Relations, r)
	}
	return nil
}

// mine runs units into a corpus.
func mine(t *testing.T, root string, in pipelinetest.Source, o corpus.Options) {
	t.Helper()
	spec := corpus.Configuration{Schema: schemas.Version, Tasks: []string{"relations"}, Chunk: 4}
	sink, err := corpus.Create(root, spec, o)
	if err != nil {
		t.Fatal(err)
	}
	report, err := pipeline.Run(t.Context(), pipeline.Pipeline{
		Source: in, Preparer: pipelinetest.Preparer{Window: 2}, Sink: sink, Tasks: []pipeline.Task{task{}},
		Encoder: &pipelinetest.Encoder{Width: 2}, Options: pipeline.Options{Chunk: 4, Workers: 2},
	})
	if err := errors.Join(err, sink.Close()); err != nil {
		t.Fatal(err)
	}
	if len(report.Failed) > 0 {
		t.Fatal(report.Failed[0].Err)
	}
}

func document(pmid schemas.PMID, title string) *schemas.Document {
	section := schemas.Section{Kind: schemas.KindTitle, Text: title}
	return &schemas.Document{PMID: pmid, Version: 1, Sections: []schemas.Section{section}}
}

// unit returns a unit with random revisions of few records, deletions among them.
func unit(rng *rand.Rand, n int) pipelinetest.Unit {
	names := []string{"pubmed26n%04d", "pubmed26n%04d", "pubmed25n%04d", "reply-%d", "reply-%d"}
	u := pipelinetest.Unit{Name: fmt.Sprintf(names[rng.IntN(len(names))], n), Stamp: fmt.Sprint(n)}
	words := slices.Sorted(maps.Keys(lexicon()))
	for range 1 + rng.IntN(6) {
		title := "On"
		for range rng.IntN(8) {
			title += " " + words[rng.IntN(len(words))]
		}
		doc := document(schemas.PMID(1+rng.IntN(9)), title+".")
		doc.Version = 1 + rng.IntN(6)/4
		if day := rng.IntN(5); day > 0 {
			d := schemas.NewDate(2026, time.January, day)
			doc.Citation.DateRevised = &d
		}
		doc.Citation.IsRetracted = rng.IntN(4) == 0
		doc.Citation.PubYear = int16(rng.IntN(3) * 1000)
		if rng.IntN(4) == 0 {
			doc = &schemas.Document{PMID: doc.PMID, Version: doc.Version, Deleted: true}
		}
		u.Records = append(u.Records, pipelinetest.Record{Document: doc})
	}
	return u
}

// ends returns the entities of a mention as text.
func ends(m schemas.MentionRow) []string {
	if m.Concept != "" {
		return strings.Split(m.Concept, "|")
	}
	return []string{m.Type + " " + string(normalize.Key(nil, m.Text))}
}

// naive aggregates with corpus.Find, in text.
func naive(t *testing.T, root string) (text []string) {
	t.Helper()
	c, e := readable(t, root)
	type stated struct {
		pmids       []int32
		sum         float32
		years       []int32
		retractions int
		certain     map[string]int
	}
	all := map[[3]string]*stated{} // the last one is empty if the order does not matter
	for pmid := range schemas.PMID(10) {
		rows, err := c.Find(e, pmid)
		if err != nil {
			t.Fatal(err)
		}
		if rows == nil {
			continue
		}
		best, certainty := map[[3]string]float32{}, map[[3]string]string{}
		for _, r := range rows.Relations {
			for _, a := range ends(rows.Mentions[r.Subject]) {
				for _, b := range ends(rows.Mentions[r.Object]) {
					if a == b {
						continue
					}
					key := [3]string{min(a, b) + " " + max(a, b), r.Type}
					if r.Method == schemas.MethodGenerated {
						key[2] = a
					}
					if score, ok := best[key]; !ok || r.Score > score {
						best[key], certainty[key] = r.Score, r.Certainty
					}
				}
			}
		}
		for key, score := range best {
			if all[key] == nil {
				all[key] = &stated{certain: map[string]int{}}
			}
			s, d := all[key], rows.Documents[0]
			s.pmids, s.sum = append(s.pmids, int32(pmid)), s.sum+score
			s.certain[certainty[key]]++
			if d.PubYear > 0 {
				s.years = append(s.years, int32(d.PubYear))
			}
			if d.IsRetracted {
				s.retractions++
			}
		}
	}
	for key, s := range all {
		first, last := int32(0), int32(0)
		if len(s.years) > 0 {
			first, last = slices.Min(s.years), slices.Max(s.years)
		}
		text = append(text, fmt.Sprint(key[0], " ", key[1], " ", s.pmids, s.sum/float32(len(s.pmids)), first, last,
			s.retractions > 0, s.certain[schemas.Negated], s.certain[schemas.Speculative]))
	}
	slices.Sort(text)
	return text
}

// asText returns rows as naive does.
func asText(rows []Row) (text []string) {
	for _, r := range rows {
		end := func(concept *string, typ, name string) string {
			if concept != nil {
				return *concept
			}
			return typ + " " + string(normalize.Key(nil, name))
		}
		a, b := end(r.SubjectConcept, r.SubjectType, r.SubjectName), end(r.ObjectConcept, r.ObjectType, r.ObjectName)
		first, last := int32(0), int32(0)
		if r.FirstYear != nil {
			first, last = *r.FirstYear, *r.LastYear
		}
		text = append(text, fmt.Sprint(min(a, b)+" "+max(a, b), " ", r.Type, " ", r.PMIDs, r.MeanScore, first, last,
			r.AnyRetracted, *r.Negated, *r.Speculative))
	}
	slices.Sort(text)
	return text
}

func readable(t *testing.T, root string) (*corpus.Corpus, *corpus.Edition) {
	t.Helper()
	c, err := corpus.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.Current()
	if err != nil {
		t.Fatal(err)
	}
	return c, e
}

func aggregate(t *testing.T, root string, o Options) *Result {
	t.Helper()
	c, e := readable(t, root)
	r, err := Aggregate(t.Context(), c, e, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Whatever revises what, the triples are those of the current documents, each abstract once.
func TestAggregate(t *testing.T) {
	for seed := range uint64(3) {
		rng := rand.New(rand.NewPCG(seed, 1))
		root := filepath.Join(storetest.QuickDir(t), "C")
		for n := 1; n < 12; {
			var in pipelinetest.Source
			for range 1 + rng.IntN(4) {
				in = append(in, unit(rng, n))
				n++
			}
			mine(t, root, in, corpus.Options{Pack: 100 * rng.IntN(2)})
			want := naive(t, root)
			for _, batch := range []int{0, 1, 3} {
				if diff := cmp.Diff(want, asText(aggregate(t, root, Options{batch: batch}).Triples)); diff != "" {
					t.Errorf("seed %d, %d units, batches of %d (-naive +got):\n%s", seed, n-1, batch, diff)
				}
			}
		}
	}
}

// A missing file and the end of the context are errors.
func TestAggregateFails(t *testing.T) {
	root := filepath.Join(storetest.QuickDir(t), "C")
	records := []pipelinetest.Record{{Document: document(1, "On aspirin fever.")}}
	mine(t, root, pipelinetest.Source{{Name: "a", Stamp: "1", Records: records}}, corpus.Options{})
	c, e := readable(t, root)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Aggregate(ctx, c, e, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := os.Remove(c.Path(*e.Parts[0].File("mentions"))); err != nil {
		t.Fatal(err)
	}
	_, err := Aggregate(t.Context(), c, e, Options{})
	if err == nil || !strings.HasSuffix(err.Error(), ".parquet is missing: run pubmine verify") {
		t.Errorf("a missing file: %v", err)
	}
}
