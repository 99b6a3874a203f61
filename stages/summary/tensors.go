package summary

import (
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/weights"
)

// prefix begins the names of the tensors of the sentence head in a model's file (package heads says
// which there are).
const prefix = "head.summary."

// Tensors returns a sentence head as tensors.
func Tensors(head *heads.Linear) []weights.Tensor { return head.Tensors(prefix) }

// HasHead reports whether a file holds a sentence head.
func HasHead(f *weights.File) bool {
	_, ok := f.Shape(prefix + "bias")
	return ok
}

// ReadHead reads the sentence head of a file.
func ReadHead(f *weights.File) (*heads.Linear, error) { return heads.ReadLinear(f, prefix) }
