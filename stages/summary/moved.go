package summary

import "github.com/pubmine/pubmine/model/heads"

// These moved.
var (
	State    = heads.SentenceState
	Tensors  = heads.SummaryTensors
	ReadHead = heads.ReadSummary
)
