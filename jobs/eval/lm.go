package eval

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"

	"github.com/pubmine/pubmine/jobs/markdown"
	"github.com/pubmine/pubmine/jobs/train/lm"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/schemas"
)

// lmTokens is the maximum number of tokens in a batch of texts.
const lmTokens = 2048

// LanguageModel is a language model under evaluation. Close it when done.
type LanguageModel struct {
	Attention string // biogpt.Causal or biogpt.Bidirectional
	Backend   string

	tok     *tokenizer.Tokenizer
	backend *device.Device
	config  biogpt.Config
	engine  *biogpt.Engine // on the backend cpu
	trainer *trunk.Trainer // on other backends
	names   []string
	scores  []lm.Score
}

// OpenLanguageModel opens the model in a directory, which needs no card, on a backend.
func OpenLanguageModel(dir fs.FS, backend string) (*LanguageModel, error) {
	tok, err := tokenizer.Load(dir)
	if err != nil {
		return nil, err
	}
	m := &LanguageModel{tok: tok}
	if m.backend, err = biogpt.OpenBackend(backend); err != nil {
		return nil, err
	}
	m.Backend = m.backend.Class()
	if err := m.open(dir); err != nil {
		m.backend.Close()
		return nil, err
	}
	m.Attention = cmp.Or(m.config.Attention, biogpt.Causal)
	return m, nil
}

// open reads the model onto the backend.
func (m *LanguageModel) open(dir fs.FS) (err error) {
	if m.Backend == device.CPU {
		if m.config, err = biogpt.LoadConfig(dir); err != nil {
			return err
		}
		m.engine, err = biogpt.Open(dir, m.backend)
		return err
	}
	var params biogpt.Params
	if m.config, params, err = biogpt.Load(dir); err != nil {
		return err
	}
	m.trainer, err = trunk.NewTrainer(m.backend, m.config, params, trunk.Options{Tokens: lmTokens})
	return err
}

// Close frees the model.
func (m *LanguageModel) Close() {
	if m.engine != nil {
		m.engine.Close()
	} else {
		m.trainer.Close()
	}
	m.backend.Close()
}

// Measure predicts the texts of documents, each by itself, and adds the score under a name.
func (m *LanguageModel) Measure(ctx context.Context, name string, docs []*schemas.Document) error {
	var score lm.Score
	var err error
	if m.engine != nil {
		score, err = lm.MeasureKernels(ctx, m.engine, m.config, m.tok, docs)
	} else {
		score, err = lm.Measure(ctx, m.trainer, m.tok, docs)
	}
	if err != nil {
		return err
	}
	m.names, m.scores = append(m.names, name), append(m.scores, score)
	return nil
}

// Results returns the scores in the order of Measure.
func (m *LanguageModel) Results() []*catalog.Perplexity {
	results := make([]*catalog.Perplexity, len(m.scores))
	for i, s := range m.scores {
		results[i] = s.Perplexity()
		results[i].Data = m.names[i]
	}
	return results
}

// Write prints the results as a table, with their sum if there are several.
func (m *LanguageModel) Write(w io.Writer) error {
	results := m.Results()
	if len(m.scores) > 1 {
		var total lm.Score
		for _, s := range m.scores {
			total = total.Add(s)
		}
		all := total.Perplexity()
		all.Data = "all"
		results = append(results, all)
	}
	return WritePerplexity(w, results...)
}

// WritePerplexity prints results as a table. Masked tokens have no measures per word and byte.
func WritePerplexity(w io.Writer, results ...*catalog.Perplexity) error {
	table := markdown.NewTable("texts", "documents", "tokens", "loss", "perplexity", "per word", "bits per byte")
	for _, p := range results {
		word, bits := "", ""
		if p.Word > 0 {
			word, bits = fmt.Sprintf("%.2f", p.Word), fmt.Sprintf("%.3f", p.BitsPerByte)
		}
		table.Row(
			p.Data, fmt.Sprint(p.Documents), fmt.Sprint(p.Tokens), fmt.Sprintf("%.4f", p.Loss),
			fmt.Sprintf("%.2f", p.Token), word, bits,
		)
	}
	return table.Write(w)
}
