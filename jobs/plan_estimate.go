package jobs

import (
	"context"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
)

// PlanEstimate is how much time and disk a job takes, estimated from some of its documents.
type PlanEstimate struct {
	Seconds float64 `json:"seconds"` // without downloads
	Sampled int     `json:"sampled"` // documents that were computed to measure the speed
	// Typical means that the texts are not on this machine: they are taken for typical ones, none
	// of which is reused.
	Typical bool `json:"typical,omitempty"`

	Tables      int64 `json:"table_bytes"`      // of new files
	Checkpoints int64 `json:"checkpoint_bytes"` // at most, until the unit is published
	Downloads   int64 `json:"download_bytes"`
	// Replaced are files that no edition has afterwards. They stay until gc removes them.
	Replaced int64 `json:"replaced_bytes"`
	Free     int64 `json:"free_bytes"` // on the disk of the corpus; -1 if it is not known
}

// Needed is the number of bytes that the job needs on the disk.
func (e *PlanEstimate) Needed() int64 { return e.Tables + e.Checkpoints + e.Downloads }

// Fits reports whether the disk has room for the job, as far as that is known.
func (e *PlanEstimate) Fits() bool { return e.Free < 0 || e.Needed() <= e.Free }

const (
	// publishing is the time until the files of a unit are durable, beside that of writing them.
	publishing = 100 * time.Millisecond
	// enoughDocuments is the number of documents of an edition from which on their size, not that
	// of the sample, tells that of others.
	enoughDocuments = 1000
)

// estimate measures the speed of the components, and estimates time and disk. It writes nothing.
func (p *planner) estimate(ctx context.Context) (*PlanEstimate, error) {
	e := &PlanEstimate{Downloads: p.plan.Download.Bytes, Replaced: p.replaced(), Free: store.Free(p.options.Corpus)}
	if p.plan.Records == 0 {
		e.Seconds = p.reading.wall.Seconds()
		return e, nil
	}
	e.Typical = p.addTypical()
	var opening, docs float64
	var computing elapsed
	chunks := make([]float64, len(p.samples)) // bytes of checkpoints, of all documents
	var rows []schemas.Rows
	for i := range p.samples {
		s := &p.samples[i]
		m, made, err := p.components.measure(ctx, s)
		if err != nil {
			return nil, err
		}
		if m.docs == 0 {
			continue
		}
		one, err := p.write(made)
		if err != nil {
			return nil, err
		}
		rows = append(rows, made...)
		e.Sampled, docs = e.Sampled+m.docs, docs+float64(s.docs)
		chunks[i] = one.chunk * float64(s.docs) / float64(m.docs)
		opening = max(opening, m.opening)
		computing = computing.plus(m.computing.times(float64(s.chars+int64(s.docs)) / float64(m.chars)))
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	cost, err := p.writeCost(rows)
	if err != nil {
		return nil, err
	}
	chunk := 0.0
	for _, x := range chunks {
		chunk += x
	}
	if records := float64(p.plan.Records); docs > 0 && records > docs { // also checkpoints, rejects
		chunk *= records / docs
	}
	units := float64(p.parts())
	writing := cost.unit.took.times(units).plus(cost.perByte.took.times(chunk))
	opening += p.components.building.Seconds()
	e.Seconds = opening + units*publishing.Seconds() + p.together(computing, writing).Seconds()
	e.Tables = int64(units*cost.unit.tables + chunk*cost.perByte.tables)
	if perDocument := p.publishedSize(); perDocument > 0 {
		e.Tables = int64(perDocument * float64(p.plan.Records))
	} else if e.Typical {
		e.Tables = max(e.Tables, int64(typicalRows*p.plan.Remote))
	}
	if !p.direct {
		e.Checkpoints = int64(chunk * float64(p.largest()) / float64(p.plan.Records))
	}
	return e, nil
}

// parts is about the number of parts that are published.
func (p *planner) parts() (n int) {
	small := 0 // records in packs
	for i := range p.plan.Units {
		switch u := &p.plan.Units[i]; {
		case u.Action == ActionNone, u.Action == ActionFail:
		case u.Records < p.pack:
			small += u.Records
		default:
			n++
		}
	}
	if p.pack > 0 {
		n += (small + p.pack - 1) / p.pack
	}
	return max(1, n)
}

// together is the time of the stages side by side: that of the slowest or, if the processors are
// the limit, that in which they do all the work. Other programs may leave less than all processors:
// where these compute, the share that the sample got counts.
func (p *planner) together(computing, writing elapsed) time.Duration {
	all := p.reading.plus(computing).plus(writing)
	if all.cpu == 0 {
		return all.wall
	}
	processors := float64(runtime.GOMAXPROCS(0))
	if measured := p.reading.plus(computing); p.components.exact() && measured.cpu > 0 && measured.wall > 0 {
		processors = min(processors, measured.cpu.Seconds()/measured.wall.Seconds())
	}
	busy := time.Duration(float64(all.cpu) / processors)
	return max(p.reading.wall, computing.wall, writing.wall, busy)
}

// largest is the number of records of the largest unit.
func (p *planner) largest() (n int) {
	for i := range p.plan.Units {
		n = max(n, p.plan.Units[i].Records)
	}
	return n
}

// publishedSize returns the bytes per document of the edition that is written, or of the current
// one with the same tasks; 0 if there are too few.
func (p *planner) publishedSize() float64 {
	for _, e := range []*corpus.Edition{p.before.Edition(p.plan.Edition.ID), p.before.Seen()} {
		if e == nil || e.ID == 0 || len(e.Configuration.Tasks) != len(p.components.Tasks) {
			continue
		}
		if n := e.Counts().Rows["documents"]; n >= enoughDocuments {
			bytes := int64(0)
			for i := range e.Parts {
				bytes += e.Parts[i].Bytes()
			}
			return float64(bytes) / float64(n)
		}
	}
	return 0
}

// replaced returns the size of the files that no edition has after the job.
func (p *planner) replaced() (n int64) {
	after := p.sink.Snapshot()
	for i := range after.Removed {
		n += after.Removed[i].Bytes()
	}
	for i := range p.before.Removed {
		n -= p.before.Removed[i].Bytes()
	}
	return max(0, n)
}

// addTypical takes records that are not on this machine for documents with typical texts.
func (p *planner) addTypical() bool {
	if p.plan.Remote == 0 {
		return false
	}
	work := pipeline.TaskWork
	if p.components.Encoder != nil || p.components.Generator != nil {
		work = pipeline.EncodeWork
	}
	s := &p.samples[work]
	if s.docs == 0 {
		for i := range sampleSize {
			s.add(pipeline.Previewed{Document: typicalDocument(i), Work: work})
		}
		s.docs, s.chars = 0, 0
	}
	mean := int64(typicalLength)
	if s.docs > 0 {
		mean = s.chars / int64(s.docs)
	}
	s.docs, s.chars = s.docs+p.plan.Remote, s.chars+mean*int64(p.plan.Remote)
	return true
}

const (
	// typicalLength is the mean length of title and abstract of PubMed's records, a third of which
	// have no abstract, in bytes.
	typicalLength = 1000
	// typicalRows is the size of the rows of a record with its citation, in bytes.
	typicalRows = 2000
)

// typicalDocument returns a document to measure the speed with where there is no other.
func typicalDocument(i int) *schemas.Document {
	const title = "Metformin and cardiovascular outcomes in patients with type 2 diabetes: a cohort study."
	const sentence = "In this study of 412 patients, metformin lowered HbA1c and the risk of myocardial infarction, " +
		"and expression of AMPK in mice was associated with weight loss (p<0.05). "
	text := ""
	for range 2 + i%8 {
		text += sentence
	}
	return &schemas.Document{PMID: schemas.PMID(i + 1), Version: 1, Sections: []schemas.Section{
		{Kind: schemas.KindTitle, Text: title}, {Kind: schemas.KindAbstract, Text: text},
	}}
}
