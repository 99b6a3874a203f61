package triples

import (
	"context"
	"slices"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
)

// defaultBatch is the number of pmids that are read at once: some MB.
const defaultBatch = 4096

// Options select relations and triples.
type Options struct {
	Types        []string // of relations; empty: all
	MinScore     float32  // of a relation
	ConceptsOnly bool     // without entities that have no concept
	// Concepts and Names select triples of which the subject or the object has one of the
	// identifiers, or is called by one of the names; empty: all.
	Concepts, Names []string
	MinAbstracts    int                         // of a triple
	Progress        func(done, documents int64) // receives numbers of documents with relations, unless nil

	batch int // pmids that are read at once; 0: defaultBatch
}

// Result has the triples of an edition.
type Result struct {
	Edition   int   `json:"edition"`
	Documents int64 `json:"documents"` // current documents with relations
	Relations int64 `json:"relations"` // in them
	// Types are the types of those relations, in order.
	Types   []string `json:"types"`
	Triples []Row    `json:"triples"`
}

// Aggregate returns the triples of an edition, the best supported first.
func Aggregate(ctx context.Context, c *corpus.Corpus, e *corpus.Edition, o Options) (*Result, error) {
	now, err := readCurrent(ctx, c, e)
	if err != nil {
		return nil, err
	}
	a := newAggregation(&o, now)
	a.result.Edition = e.ID
	all := e.Counts().Rows["documents"]
	for i := range e.Parts {
		if err := a.addPart(ctx, c, &e.Parts[i], all); err != nil {
			return nil, err
		}
	}
	a.finish()
	return &a.result, nil
}

// aggregation is the state of Aggregate.
type aggregation struct {
	options   *Options
	current   *current
	result    Result
	entities  *entities
	types     map[string]int32 // numbers of relation types
	typeNames []string
	triples   map[tripleKey]*triple
	certainty bool // some relations have it
	done      int64
}

func newAggregation(o *Options, now *current) *aggregation {
	return &aggregation{
		options: o, current: now, result: Result{Triples: []Row{}}, entities: newEntities(o),
		types: map[string]int32{}, triples: map[tripleKey]*triple{},
	}
}

// tripleKey tells triples apart: the numbers of the entities, the lower one first unless the order
// matters, and of the type.
type tripleKey struct {
	first, second, typ int32
	directed           bool
}

// triple is what abstracts say about a triple.
type triple struct {
	pmids       []int32
	sum         float64 // of the scores of the abstracts
	best        float32
	negated     int32
	speculative int32
	forward     int32 // abstracts with the first as subject, less those with the second, if their types differ
	first, last int16 // years; 0 if none is known
	retracted   bool
}

// statement is what one document says about a triple.
type statement struct {
	key       tripleKey
	score     float32
	certainty string
	forward   int32
}

// addPart adds the relations of a part.
func (a *aggregation) addPart(ctx context.Context, c *corpus.Corpus, p *corpus.Part, all int64) error {
	part, err := open(c, p)
	if part == nil {
		return err
	}
	defer part.close()
	a.certainty = a.certainty || part.certainty
	pmids, err := part.pmids()
	if err != nil {
		return err
	}
	size := a.options.batch
	if size == 0 {
		size = defaultBatch
	}
	for some := range slices.Chunk(pmids, size) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		slices.Sort(some)
		b, err := part.load(some)
		if err != nil {
			return err
		}
		a.addBatch(b)
		if a.done += int64(len(some)); a.options.Progress != nil {
			a.options.Progress(a.done, all)
		}
	}
	return nil
}

// addBatch adds the relations of some documents, each document for itself.
func (a *aggregation) addBatch(b *batch) {
	for len(b.relations) > 0 {
		key, n := b.relations[0].Key, 1
		for n < len(b.relations) && b.relations[n].Key == key {
			n++
		}
		if d := b.documents[key]; d != nil && a.current.has(key) {
			a.addDocument(d, b.relations[:n], b)
		}
		b.relations = b.relations[n:]
	}
}

// addDocument adds the relations of a document.
func (a *aggregation) addDocument(d *documentColumns, relations []relationColumns, b *batch) {
	a.result.Documents++
	a.result.Relations += int64(len(relations))
	var statements []statement
	for i := range relations {
		r := &relations[i]
		typ := a.typeNumber(r.Type)
		if r.Score < a.options.MinScore || len(a.options.Types) > 0 && !slices.Contains(a.options.Types, r.Type) {
			continue
		}
		subject, object := b.mentions[mentionKey{r.Key, r.Subject}], b.mentions[mentionKey{r.Key, r.Object}]
		if subject == nil || object == nil {
			continue
		}
		for _, s := range a.entities.of(nil, subject) {
			for _, o := range a.entities.of(nil, object) {
				if s != o {
					statements = state(statements, newStatement(r, typ, s, o, subject.Type != object.Type))
				}
			}
		}
	}
	for _, s := range statements {
		t := a.triples[s.key]
		if t == nil {
			t = &triple{}
			a.triples[s.key] = t
		}
		t.add(d, s)
	}
}

// typeNumber returns the number of a type of relations.
func (a *aggregation) typeNumber(name string) int32 {
	n, ok := a.types[name]
	if !ok {
		n = int32(len(a.typeNames))
		a.types[name], a.typeNames = n, append(a.typeNames, name)
	}
	return n
}

// newStatement returns what a relation says about two entities.
func newStatement(r *relationColumns, typ, subject, object int32, typesDiffer bool) statement {
	s := statement{
		key: tripleKey{subject, object, typ, r.Method == schemas.MethodGenerated}, score: r.Score,
		certainty: r.Certainty,
	}
	if typesDiffer {
		s.forward = 1
	}
	if !s.key.directed && subject > object {
		s.key.first, s.key.second, s.forward = object, subject, -s.forward
	}
	return s
}

// state appends a statement, or raises the score of the same one.
func state(statements []statement, s statement) []statement {
	i := slices.IndexFunc(statements, func(x statement) bool { return x.key == s.key })
	switch {
	case i < 0:
		return append(statements, s)
	case s.score > statements[i].score:
		statements[i] = s
	}
	return statements
}

// add adds an abstract.
func (t *triple) add(d *documentColumns, s statement) {
	t.pmids = append(t.pmids, d.PMID)
	t.sum += float64(s.score)
	t.best = max(t.best, s.score)
	t.forward += s.forward
	switch s.certainty {
	case schemas.Negated:
		t.negated++
	case schemas.Speculative:
		t.speculative++
	}
	if year := d.PubYear; year != 0 {
		if t.first == 0 || year < t.first {
			t.first = year
		}
		t.last = max(t.last, year)
	}
	t.retracted = t.retracted || d.IsRetracted
}
