package train

import (
	"errors"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/train/linking"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/model/vocabulary"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
)

// ErrPlan is a mistake in the options of training, or annotations that cannot be trained on.
var ErrPlan = errors.New("not possible")

// plan is what is trained: heads, each with its data and settings, on a vocabulary and a trunk.
type plan struct {
	card        catalog.Card // without tasks, types, scores and digests, which training adds
	out         string       // model directory
	files       map[string][]byte
	backendName string // of package biogpt; empty for "auto"
	seed        uint64
	trunk       trunkPlan
	base        *catalog.Model  // whose trunk the model keeps; nil for a new trunk
	scores      []catalog.Score // of the base that the card keeps
	baseFile    *weights.File   // of the base
	onlyNew     bool            // drop the heads of the base
	heldOut     int             // documents that were held out of the training data as the dev set

	tags      *tagPlan
	linking   *linkingPlan
	relations []relationPlan
	summary   *summaryPlan
	answers   *answerPlan
	labels    *labelPlan
}

// trunkPlan is the vocabulary and the trunk below the heads.
type trunkPlan struct {
	tok    *tokenizer.Tokenizer
	window int // tokens
	config biogpt.Config
	params biogpt.Params // initial values of a new trunk; nil for a trunk that stays the base's
}

// dataPart is a dev set: examples of one part of one corpus.
type dataPart struct {
	name     string // such as "bc5cdr/dev"
	examples []dataset.Example
}

// tagPlan is the data and the settings of the tag head.
type tagPlan struct {
	settings Tags
	train    []dataset.Example
	dev      []dataPart
	states   bool          // the head reads the states of the base's trunk, which stays fixed
	warm     *heads.Tagger // initial weights of the types that it has; nil for none
	fixed    *heads.Tagger // the features part of the head, which is not trained; nil to train it
	beside   *heads.Tagger // its other types join the model; nil for none
	silver   *silverPlan   // nil for no teacher
	joint    *jointPlan    // nil for a trunk that is not trained
}

// silverPlan is the plain text that a teacher annotates.
type silverPlan struct {
	settings     Silver
	vocabularies string // directory of the teacher's lexicon
	head, trunk  []*schemas.Document
}

// jointPlan is the data and the settings of training the trunk on tags.
type jointPlan struct {
	settings Trunk
	train    []dataset.Example
}

// linkingPlan is the data and the settings of the linking head.
type linkingPlan struct {
	vocabulary *vocabulary.Vocabulary
	train      []dataset.Example
	dev        []dataPart
	options    linking.Options
}

// relationPlan is the data and the settings of one relation head.
type relationPlan struct {
	name       string // of the head in the weights file
	data       string
	train, dev []dataset.Example
	devName    string
	options    relationOptions
	endToEnd   bool // measure between mentions that the tag head finds, too
}

// summaryPlan is the data and the settings of the summary head.
type summaryPlan struct {
	train, dev []*schemas.Document // structured abstracts
	devName    string
	options    summaryOptions
}

// answerPlan is the data and the settings of the answer head.
type answerPlan struct {
	data     string
	examples []dataset.Example // with questions
	options  answerOptions
}

// labelPlan is the data and the settings of the label head.
type labelPlan struct {
	train, dev []dataset.Example // with labels, some of them with none
	devName    string
	options    labelOptions
}

// trains reports whether a head of the task is trained.
func (p *plan) trains(task string) bool {
	switch task {
	case schemas.TaskNER:
		return p.tags != nil
	case schemas.TaskLinking:
		return p.linking != nil
	case schemas.TaskRelations:
		return len(p.relations) > 0
	case schemas.TaskSummary:
		return p.summary != nil
	case schemas.TaskAnswers:
		return p.answers != nil
	case schemas.TaskLabels:
		return p.labels != nil
	}
	return false
}
