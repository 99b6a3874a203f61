package main

import (
	"cmp"
	"path/filepath"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs/models"
)

// modelConvertCommand is pubmine model convert.
type modelConvertCommand struct {
	In         flags.Name `arg:"" placeholder:"IN" help:"Directory of a checkpoint, or a file of weights in one."`
	Out        flags.Name `arg:"" placeholder:"OUT" help:"Model directory to write."`
	Vocabulary flags.Name `placeholder:"DIR" help:"Directory of vocab.json and merges.txt, or of dict.txt and bpecodes (default: IN); none converts without."`
	Name       flags.Name `help:"Name for the card (default: that of OUT)."`
	Licence    flags.Name `default:"unknown" help:"Licence for the card (default ${default})."`
	Template   string     `enum:",bc5cdr,kd-dti,ddi,pubmedqa,hoc" default:"" placeholder:"NAME" help:"Task for which BioGPT's authors fine-tuned the model: bc5cdr, kd-dti, ddi, pubmedqa or hoc."`
}

// Help is the description in pubmine model convert --help.
func (*modelConvertCommand) Help() string {
	return example("pubmine model convert checkpoint my-model --licence MIT") + `

With --template the card describes how to prompt the model and how to parse its completions, so
that run can use it.`
}

// Run runs the command.
func (c *modelConvertCommand) Run(std streams) error {
	out, err := filepath.Abs(string(c.Out))
	if err != nil {
		return err
	}
	m, err := models.Convert(models.Conversion{
		In: string(c.In), Out: out, Vocabulary: string(c.Vocabulary),
		Name: cmp.Or(string(c.Name), filepath.Base(out)), Licence: string(c.Licence), Template: c.Template,
	})
	if err != nil {
		return err
	}
	defer m.Close()
	return view.Model(std.out, m)
}
