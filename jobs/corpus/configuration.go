package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Configuration is everything that can change a row, except the input: two runs that agree in it do
// the same work. The number of workers, the machine and the time cannot change a row and are not
// part of it.
type Configuration struct {
	Schema      int            `json:"schema"`                 // schemas.Version
	Stages      map[string]int `json:"stages,omitempty"`       // version of each stage that the tasks use, by package
	Model       string         `json:"model,omitempty"`        // as rows say it
	ModelDigest string         `json:"model_digest,omitempty"` // of every file of the model
	Tasks       []string       `json:"tasks,omitempty"`        // in the order in which they run
	// Vocabulary has the concepts of task linking: its name and version.
	Vocabulary       string   `json:"vocabulary,omitempty"`
	VocabularyDigest string   `json:"vocabulary_digest,omitempty"` // of its file
	Questions        []string `json:"questions,omitempty"`         // that are asked of every document
	// its class: floats of two classes differ in the last bits
	Backend     string `json:"backend,omitempty"`
	Precision   string `json:"precision,omitempty"` // "float32"
	Chunk       int    `json:"chunk"`               // pipeline.Options.Chunk: batches do not cross it
	GroupTokens int    `json:"group_tokens"`        // pipeline.Options.GroupTokens: nor this
	// Parts has, for each task and for "sentences", the digest of everything that decides its rows,
	// given the text of a document: results are reused under configurations with the same digest.
	// It follows from the model and the other fields and is not part of the fingerprint.
	Parts map[string]string `json:"parts,omitempty"`
}

// Fingerprint is the sha256, in hex, of the canonical JSON of the configuration: fields in the
// order of the struct, keys of maps sorted, no space, without Parts.
func (c Configuration) Fingerprint() string {
	c.Parts = nil
	return digest([]byte(c.json()))
}

func (c Configuration) json() string {
	data, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("a configuration is strings and numbers: %v", err))
	}
	return string(data)
}

// unitKey identifies the output of a unit: a fingerprint and an input.
func unitKey(fingerprint, inputDigest string) string {
	return digest([]byte(fingerprint + "\n" + inputDigest))
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
