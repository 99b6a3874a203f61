package relation

import (
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/names"
)

// Head is RelationClassifier.
type Head = heads.RelationClassifier

// Candidate is a pair of entities.
type Candidate = heads.Candidate

// States is PairStates.
const States = heads.PairStates

// These moved.
var (
	Softmax   = heads.Softmax
	State     = heads.PairState
	Names     = names.GroupMentions
	ReadHeads = heads.ReadRelations
)
