// Package convert converts a published BioGPT to a model directory (package catalog).
//
// A published model has weights in any format of package checkpoint; a config.json, or the settings
// in a fairseq checkpoint; and a vocabulary, vocab.json with merges.txt or dict.txt with bpecodes.
// They must be consistent: every parameter of the trunk in the config exists in its shape and with
// a floating point type, there are no others, the output projection is the token table, and the
// vocabulary has as many pieces as the table has rows, or up to 64 fewer (soft prompts have rows
// without pieces).
//
// Parameters keep their types. Heads of Hugging Face ("classifier.…", "score.…") and of pubmine
// ("head.…") are kept; the second copy of the token table is not. Tensors are copied in blocks, so
// memory does not grow with the model.
//
// Errors in the input are a schemas.BadInputError; other errors are of the Target.
package convert

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/model/weights/checkpoint"
	"github.com/pubmine/pubmine/schemas"
)

// Source is the location of a published model.
type Source struct {
	Path       string // of Dir, for messages
	Dir        fs.FS
	File       string // of weights; empty: chosen by package checkpoint
	Vocabulary fs.FS  // nil: none
}

// Model is an open, consistent published model.
type Model struct {
	Config   biogpt.Config
	Weights  *checkpoint.Checkpoint
	Pieces   int           // size of the vocabulary; 0 without one
	Card     *catalog.Card // nil without one
	Left     []string      // names of tensors that are left out
	config   []byte        // config.json
	files    []string      // vocabulary files
	source   Source
	selected []weights.Located
}

// Open opens a model and checks that its parts agree.
func Open(source Source) (*Model, error) {
	m := &Model{source: source}
	if err := m.open(); err != nil {
		m.Close()
		return nil, &schemas.BadInputError{Path: source.Path, Err: err}
	}
	return m, nil
}

// Close closes the files.
func (m *Model) Close() error {
	if m.Weights == nil {
		return nil
	}
	return m.Weights.Close()
}

func (m *Model) open() (err error) {
	if m.source.File == "" {
		m.Weights, err = checkpoint.Open(m.source.Dir)
	} else {
		m.Weights, err = checkpoint.OpenFile(m.source.Dir, m.source.File)
	}
	if err != nil {
		return err
	}
	if err := m.readConfig(); err != nil {
		return err
	}
	if err := m.selectTensors(); err != nil {
		return err
	}
	tied, err := m.Weights.Tied()
	if err == nil && !tied {
		err = errors.New(
			"its output projection differs from its token table: only models that tie them are supported",
		)
	}
	if err != nil {
		return err
	}
	if err := m.readVocabulary(); err != nil {
		return err
	}
	return m.readCard()
}

// maxSmall is the maximum size of a file beside the weights, in bytes.
const maxSmall = 64 << 20

// read reads a file beside the weights.
func read(dir fs.FS, name string) ([]byte, error) {
	in, err := weights.OpenAt(dir, name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if in.Size > maxSmall {
		return nil, fmt.Errorf("%s: it has %d bytes, more than %d", name, in.Size, maxSmall)
	}
	return io.ReadAll(io.NewSectionReader(in, 0, in.Size))
}

func (m *Model) readConfig() error {
	data, err := read(m.source.Dir, biogpt.ConfigFile)
	if errors.Is(err, fs.ErrNotExist) && m.Weights.Settings != nil {
		data, err = configOf(m.Weights)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf(
			"no %s, which has the sizes of the model: copy it from the source of the weights",
			biogpt.ConfigFile,
		)
	}
	if err != nil {
		return err
	}
	m.config = data
	m.Config, err = biogpt.ParseConfig(data)
	return err
}

// selectTensors checks the parameters of the trunk and selects the tensors to keep.
func (m *Model) selectTensors() error {
	if err := m.Config.CheckShapes(m.Weights.Set); err != nil {
		return err
	}
	var total int64
	expected := map[string]bool{}
	for _, s := range m.Config.Trunk() {
		if t := m.Weights.Set[s.Name].DType; t != weights.F32 && t != weights.F16 && t != weights.BF16 {
			return fmt.Errorf("tensor %q is of type %s, not float32, float16 or bfloat16", s.Name, t)
		}
		expected[s.Name] = true
	}
	for _, name := range m.Weights.Names() {
		head := slices.ContainsFunc(
			[]string{"classifier.", "score.", "head."}, func(p string) bool { return strings.HasPrefix(name, p) },
		)
		switch {
		case expected[name] || head:
			l := m.Weights.Set[name]
			m.selected = append(m.selected, weights.Located{Name: name, Location: l})
			total += l.Bytes()
		case strings.HasPrefix(name, "biogpt."):
			return fmt.Errorf("tensor %.200q is not a parameter of the model in the config", name)
		default:
			m.Left = append(m.Left, name)
		}
	}
	if total > m.Weights.Bytes {
		return fmt.Errorf(
			"its tensors have %d bytes, the files %d: tensors must not share memory", total,
			m.Weights.Bytes,
		)
	}
	return nil
}

func (m *Model) readCard() error {
	data, err := read(m.source.Dir, catalog.CardFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	card, err := catalog.ParseCard(data)
	m.Card = &card
	return err
}

// Parameters returns the number of values of the trunk, and their types.
func (m *Model) Parameters() (n int64, types []weights.DType) {
	for _, s := range m.Config.Trunk() {
		n += int64(s.Size())
		if t := m.Weights.Set[s.Name].DType; !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	return n, types
}

// Target is a model directory that is being written.
type Target interface {
	// Write makes a file of what write writes, and returns its sha256 in hex.
	Write(name string, write func(io.Writer) error) (sum string, err error)
	// Commit adds the digests of the files to the card and writes it, after which the directory is
	// a model.
	Commit(card catalog.Card) error
}

// WriteTo writes the model directory. A card that the model has already is kept, in place of card.
// Weights that are not finite are a schemas.BadInputError.
func (m *Model) WriteTo(out Target, card catalog.Card) error {
	if m.Card != nil {
		card = *m.Card
	}
	metadata := map[string]string{"format": "pt"} // which transformers asks for
	maps.Copy(metadata, m.Weights.Metadata)
	_, err := out.Write(biogpt.WeightsFile, func(w io.Writer) error {
		return weights.WriteFrom(w, m.selected, metadata)
	})
	if errors.Is(err, weights.ErrNotFinite) {
		return &schemas.BadInputError{Path: m.source.Path, Err: err}
	}
	if err != nil {
		return err
	}
	for name, dir := range m.small() {
		_, err := out.Write(name, func(w io.Writer) error {
			data := m.config
			if name != biogpt.ConfigFile {
				var err error
				if data, err = read(dir, name); err != nil {
					return err
				}
			}
			_, err := w.Write(data)
			return err
		})
		if err != nil {
			return err
		}
	}
	return out.Commit(card)
}

// small returns the other files and their directories.
func (m *Model) small() map[string]fs.FS {
	files := map[string]fs.FS{biogpt.ConfigFile: m.source.Dir}
	for _, name := range m.files {
		files[name] = m.source.Vocabulary
	}
	return files
}
