package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/convert"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/generate"
)

// modelCommand groups the commands about models.
type modelCommand struct {
	List    modelListCommand    `cmd:"" help:"List the models that are at hand."`
	Info    modelInfoCommand    `cmd:"" help:"Say what a model directory or checkpoint holds."`
	Convert modelConvertCommand `cmd:"" help:"Make a model directory of a checkpoint of Hugging Face or fairseq."`
	Check   modelCheckCommand   `cmd:"" help:"Compare what a model computes with a file of expected outputs."`
	Pull    modelPullCommand    `cmd:"" help:"Download a model from the Hugging Face Hub and convert it."`
}

// badInput gives an error about a file the exit code of one, unless the machine is at fault.
func badInput(path string, err error) error {
	var bad *schemas.BadInputError
	if err == nil || errors.As(err, &bad) || corpus.Temporary(err) {
		return err
	}
	return &schemas.BadInputError{Path: path, Err: err}
}

// source is what a path, to a directory or to a file of weights in one, stands for.
func source(path string) (convert.Source, error) {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return convert.Source{Path: path, Dir: os.DirFS(filepath.Dir(path)), File: filepath.Base(path)}, nil
	}
	dir, err := catalog.Find(path)
	if err != nil {
		err = errors.New("no such file or model: give a directory, a weights file, or a name from pubmine model list")
	}
	return convert.Source{Path: path, Dir: dir}, badInput(path, err)
}

// hasVocabulary reports whether a directory has a vocabulary in either form.
func hasVocabulary(dir fs.FS) bool {
	return slices.ContainsFunc([]string{"vocab.json", "dict.txt"}, func(name string) bool {
		_, err := fs.Stat(dir, name)
		return err == nil
	})
}

// modelListCommand is pubmine model list.
type modelListCommand struct{}

// Run runs the command.
func (c *modelListCommand) Run(std streams) error {
	names, err := catalog.Names()
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	for _, name := range append([]string{catalog.Bundled}, names...) {
		m, err := catalog.Resolve(name)
		if err != nil {
			fmt.Fprintf(std.err, "%v\n", err)
			continue
		}
		fmt.Fprintf(
			out, "%s\t%s\t%s\t%s\n", name, m.ID(), cmp.Or(strings.Join(m.Card.Tasks, ","), "no tasks"),
			m.Card.Licence,
		)
	}
	return out.Flush()
}

// modelInfoCommand is pubmine model info.
type modelInfoCommand struct {
	Path string `arg:"" placeholder:"DIR" help:"Model directory, or a file of weights in one."`
}

// Run runs the command.
func (c *modelInfoCommand) Run(std streams) error {
	from, err := source(c.Path)
	if err != nil {
		return err
	}
	if hasVocabulary(from.Dir) {
		from.Vocabulary = from.Dir
	}
	m, err := convert.Open(from)
	if err != nil {
		return err
	}
	defer m.Close()
	return printModel(std.out, m)
}

func printModel(w io.Writer, m *convert.Model) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, values ...any) { fmt.Fprintf(out, name+"\t"+format+"\n", values...) }
	parameters, types := m.Parameters()
	row(
		"format", "%s: %s, %.1f MB", m.Weights.Format, strings.Join(m.Weights.Files, ", "),
		float64(m.Weights.Bytes)/1e6,
	)
	row("parameters", "%d of type %s", parameters, strings.Trim(fmt.Sprint(types), "[]"))
	row(
		"trunk", "%d layers of %d, %d heads, %d inside, %d positions, %s", m.Config.Layers, m.Config.Hidden,
		m.Config.Heads, m.Config.FFN, m.Config.MaxPositions, cmp.Or(m.Config.Attention, "causal"),
	)
	if m.Pieces == 0 {
		row("vocabulary", "%d rows; no vocabulary is there", m.Config.Vocab)
	} else {
		row("vocabulary", "%d pieces for %d rows", m.Pieces, m.Config.Vocab)
	}
	if len(m.Left) > 0 {
		row("not needed", "%s", strings.Join(m.Left, ", "))
	}
	if m.Card == nil {
		row("card", "none: pubmine model convert writes one")
	} else {
		row("card", "%s %s: %s; licence %s; tasks %s", m.Card.Name, m.Card.Version, m.Card.Description, m.Card.Licence,
			cmp.Or(strings.Join(m.Card.Tasks, ", "), "none"))
	}
	return out.Flush()
}

// modelConvertCommand is pubmine model convert.
type modelConvertCommand struct {
	In         string `arg:"" placeholder:"IN" help:"Folder of a checkpoint, or a file of weights in one."`
	Out        string `arg:"" placeholder:"OUT" help:"Model directory to write."`
	Vocabulary string `placeholder:"DIR" help:"Folder of vocab.json and merges.txt, or of dict.txt and bpecodes, where IN has none; \"none\" writes a model without."`
	Name       string `help:"Name for the card; that of OUT's folder by default."`
	Licence    string `default:"unknown" help:"Licence for the card."`
	Template   string `enum:",bc5cdr,kd-dti,ddi,pubmedqa,hoc" default:"" help:"What BioGPT's authors fine-tuned the model to write: bc5cdr, kd-dti, ddi, pubmedqa or hoc. The card then says how that is asked and read."`
}

// Run runs the command.
func (c *modelConvertCommand) Run(std streams) error {
	from, err := source(c.In)
	if err != nil {
		return err
	}
	switch c.Vocabulary {
	case "":
		from.Vocabulary = from.Dir
	case "none":
	default:
		from.Vocabulary = os.DirFS(c.Vocabulary)
	}
	m, err := convert.Open(from)
	if err != nil {
		return err
	}
	defer m.Close()
	out, err := filepath.Abs(c.Out)
	if err != nil {
		return err
	}
	card := catalog.Card{Name: cmp.Or(c.Name, filepath.Base(out)), Licence: c.Licence, Window: m.Config.MaxPositions,
		Description: "Converted from " + m.Weights.Format + "."}
	if c.Template != "" {
		g, err := generate.Published(c.Template, m.Pieces, m.Config.Vocab, m.Config.MaxPositions)
		if err != nil {
			return usage("--template %s: %w", c.Template, err)
		}
		card.Tasks, card.Generation = []string{g.Task}, []model.Generation{g}
	}
	if err := writeDirectory(m, out, card); err != nil {
		return err
	}
	return printModel(std.out, m)
}

// writeDirectory writes a model directory, which must be new or what an earlier attempt left.
func writeDirectory(m *convert.Model, out string, card catalog.Card) error {
	dir, err := createModel(out, modeldir.Options{})
	if errors.Is(err, modeldir.ErrFinished) {
		return nil
	}
	if err != nil {
		return err
	}
	card.Types, card.Training = []string{}, []string{}
	if card.Tasks == nil {
		card.Tasks = []string{}
	}
	card.Scores = []catalog.Score{}
	if err := m.WriteTo(dir, card); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", out, err), dir.Close())
	}
	return dir.Close()
}

// createModel begins to write a model directory, and gives its errors their exit codes.
func createModel(out string, o modeldir.Options) (*modeldir.Writer, error) {
	dir, err := modeldir.Create(out, o)
	switch {
	case errors.Is(err, modeldir.ErrTaken), errors.Is(err, modeldir.ErrComplete):
		return nil, usageError{err}
	case errors.Is(err, store.ErrLocked):
		return nil, laterError{err}
	}
	return dir, err
}
