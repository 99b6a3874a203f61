package heads

import "github.com/pubmine/pubmine/model/weights"

// SummaryTensors returns the head that scores sentences for a summary as tensors.
func SummaryTensors(head *Linear) []weights.Tensor { return head.Tensors(SummaryPrefix) }

// ReadSummary reads the head of a file that scores sentences for a summary.
func ReadSummary(f *weights.File) (*Linear, error) { return ReadLinear(f, SummaryPrefix) }
