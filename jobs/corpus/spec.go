package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// Spec is everything that can change an output row, apart from the input: what two runs must agree
// on to do the same work. What cannot change a row (the number of workers, the machine, the time,
// progress) has no place in it.
type Configuration struct {
	Schema      int               `json:"schema"`                 // schemas.Version
	Stages      map[string]string `json:"stages,omitempty"`       // version and settings of each stage, decoder included
	Model       string            `json:"model,omitempty"`        // as rows say it
	ModelDigest string            `json:"model_digest,omitempty"` // of every file of the model
	Tasks       []string          `json:"tasks,omitempty"`        // in the order in which they run
	Questions   []string          `json:"questions,omitempty"`    // that are asked of every document
	Backend     string            `json:"backend,omitempty"`      // its class: floats of two classes differ in the last bits
	Precision   string            `json:"precision,omitempty"`    // "float32"
	Chunk       int               `json:"chunk"`                  // pipeline.Options.Chunk: batches do not cross it
	GroupTokens int               `json:"group_tokens"`           // pipeline.Options.GroupTokens: nor this
}

// Fingerprint is the sha256, in hex, of the spec's canonical JSON: fields in the order of the
// struct, keys of maps sorted, no space.
func (s Configuration) Fingerprint() string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("a spec is strings and numbers: %v", err))
	}
	return digest(data)
}

// unitKey identifies a unit's output: what was done, to what.
func unitKey(fingerprint, inputDigest string) string {
	return digest([]byte(fingerprint + "\n" + inputDigest))
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// sameContent compares two digests of a unit. What follows ':' says which part of the content was
// taken (the first 100 records), so that a part of an input and the whole of it have different keys
// without being different inputs.
func sameContent(a, b string) bool {
	a, _, _ = strings.Cut(a, ":")
	b, _, _ = strings.Cut(b, ":")
	return a == b
}
