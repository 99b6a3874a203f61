package diff

import "github.com/pubmine/pubmine/jobs/corpus"

// Result is the comparison of two editions. Its JSON is the output of pubmine diff --json.
type Result struct {
	Before      Edition    `json:"before"`
	After       Edition    `json:"after"`
	Identical   bool       `json:"identical"` // the same documents with the same rows and scores
	Units       Units      `json:"units"`
	Documents   Documents  `json:"documents"`
	Tables      []Table    `json:"tables"`
	MostChanged []Document `json:"most_changed"` // documents with the most changes, in this order
}

// Edition describes one of the editions.
type Edition struct {
	ID        int      `json:"edition"`
	State     string   `json:"state"` // "current", "building", "kept", or empty if Compare made it
	Model     string   `json:"model"`
	Tasks     []string `json:"tasks"`
	Questions []string `json:"questions"`
	Backend   string   `json:"backend"`
}

// Units are numbers of units.
type Units struct {
	Both          int `json:"both"`
	OnlyBefore    int `json:"only_before"`
	OnlyAfter     int `json:"only_after"`
	PartialBefore int `json:"partial_before"` // of those that both have
	PartialAfter  int `json:"partial_after"`
}

// Documents are numbers of documents.
type Documents struct {
	Compared   int64 `json:"compared"`
	Changed    int64 `json:"changed"`    // of the compared: any item is not the same
	OtherText  int64 `json:"other_text"` // both have them, but one has another text
	OnlyBefore int64 `json:"only_before"`
	OnlyAfter  int64 `json:"only_after"`
}

// Table is the comparison of one table.
type Table struct {
	Name string `json:"table"`
	// OnlyIn is the edition whose tasks make the table, if the other's do not; 0 otherwise.
	OnlyIn int   `json:"only_in,omitempty"`
	Rows   int64 `json:"rows,omitempty"` // that it has, if it is only in one
	Counts       // of all types
	// AgreementSpan also has the items that are retyped as agreement.
	AgreementSpan float64 `json:"agreement_span"`
	// LostWithMention is the number of lost relations whose subject or object is not a mention of
	// the document in the edition after; GainedWithMention is the mirror image.
	LostWithMention   int64 `json:"lost_with_mention,omitempty"`
	GainedWithMention int64 `json:"gained_with_mention,omitempty"`

	Types   []Type       `json:"types"`   // by name
	Retyped []TypeChange `json:"retyped"` // by descending number
}

// Type is the comparison of the items of one type.
type Type struct {
	Name string `json:"type"`
	Counts
	Examples []Example `json:"examples"` // of lost, gained and changed items, the highest scores first
}

// Counts are numbers of items.
type Counts struct {
	Before     int64 `json:"before"`
	After      int64 `json:"after"`
	Same       int64 `json:"same"`
	Changed    int64 `json:"changed"`
	RetypedOut int64 `json:"retyped_out"` // items of this type before that have another type after
	RetypedIn  int64 `json:"retyped_in"`  // items of another type before that have this type after
	Lost       int64 `json:"lost"`
	Gained     int64 `json:"gained"`

	Agreement     float64 `json:"agreement"`      // 0 to 1; 1 without items
	AgreementType float64 `json:"agreement_type"` // also those that are changed
	Shift         *Shift  `json:"score_shift"`    // of the items that are the same; null without them
}

// add adds the numbers of items.
func (c *Counts) add(o *Counts) {
	c.Before += o.Before
	c.After += o.After
	c.Same += o.Same
	c.Changed += o.Changed
	c.RetypedOut += o.RetypedOut
	c.RetypedIn += o.RetypedIn
	c.Lost += o.Lost
	c.Gained += o.Gained
}

// finish computes what follows from the numbers.
func (c *Counts) finish(shifts *shifts) {
	c.Agreement, c.AgreementType = c.f1(c.Same), c.f1(c.Same+c.Changed)
	c.Shift = shifts.summary()
}

// f1 returns the F1 score of the editions if they agree in n items.
func (c *Counts) f1(n int64) float64 {
	if c.Before+c.After == 0 {
		return 1
	}
	return 2 * float64(n) / float64(c.Before+c.After)
}

// TypeChange are items of one type before that have another type after.
type TypeChange struct {
	From     string    `json:"from"`
	To       string    `json:"to"`
	Items    int64     `json:"items"`
	Examples []Example `json:"examples"`
}

// Shift describes score after - score before. Quantiles are rounded to thousandths, the others to
// millionths.
type Shift struct {
	Mean    float64 `json:"mean"`
	MeanAbs float64 `json:"mean_abs"`
	P5      float64 `json:"p5"`
	Median  float64 `json:"median"`
	P95     float64 `json:"p95"`
	MaxAbs  float64 `json:"max_abs"`
}

// Example is a change with the sentence that it is in.
type Example struct {
	Change
	Sentence      string `json:"sentence"`       // of a mention or relation; empty if there is none
	SentenceStart int32  `json:"sentence_start"` // code points of the document before it

	index int32 // sentences.sentence, or -1
}

// Document is a document that changed.
type Document struct {
	PMID    int32  `json:"pmid"`
	Version int16  `json:"version"`
	Unit    string `json:"unit"`
	Title   string `json:"title"`
	Lost    int    `json:"lost"`
	Gained  int    `json:"gained"`
	Changed int    `json:"changed"` // and retyped
}

func (d *Document) changes() int { return d.Lost + d.Gained + d.Changed }

func describe(e *corpus.Edition) Edition {
	d := Edition{ID: e.ID, Tasks: []string{}, Questions: []string{}}
	if c := e.Configuration; c != nil {
		d.Model, d.Backend = c.Model, c.Backend
		d.Tasks, d.Questions = append(d.Tasks, c.Tasks...), append(d.Questions, c.Questions...)
	}
	return d
}
