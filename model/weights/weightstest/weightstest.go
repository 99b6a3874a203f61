// Package weightstest opens safetensors files in memory, for tests.
package weightstest

import (
	"bytes"

	"github.com/pubmine/pubmine/model/weights"
)

// Open opens the file with the given content.
func Open(data []byte) (*weights.File, error) {
	return weights.Open(bytes.NewReader(data), int64(len(data)))
}
