package train

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/jobs/train/curves"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/relation"
	"github.com/pubmine/pubmine/stages/summary"
)

// Where the heads of a model's file stand: packages heads, relation, summary and answer.
const (
	headPrefix         = "head."
	tagPrefix          = "head.ner."
	relationPrefix     = "head.relation."
	summaryPrefix      = "head.summary."
	answerPrefix       = "head.answer."
	fineTunedRelations = "own" // the name of the relation head that is learned
)

// CurveFile is the name under which a model directory keeps the plot of its training.
const CurveFile = "training.html"

// otherHeads learns what else is asked for.
func (s *fineTune) otherHeads(ctx context.Context) (tensors []weights.Tensor, metadata map[string]string, err error) {
	metadata = map[string]string{}
	if slices.Contains(s.Tasks, schemas.TaskRelations) {
		h, err := s.relations(ctx)
		if err != nil {
			return nil, nil, err
		}
		if tensors, metadata, err = h.Tensors(fineTunedRelations); err != nil {
			return nil, nil, err
		}
	}
	if slices.Contains(s.Tasks, schemas.TaskSummary) {
		more, err := s.summaries(ctx)
		if err != nil {
			return nil, nil, err
		}
		tensors = append(tensors, more...)
	}
	if slices.Contains(s.Tasks, schemas.TaskAnswers) {
		more, settings, err := s.answers(ctx)
		if err != nil {
			return nil, nil, err
		}
		tensors = append(tensors, more...)
		maps.Copy(metadata, settings)
	}
	return tensors, metadata, nil
}

// relations learns the relations of the training part, between whatever types of mentions it states
// them.
func (s *fineTune) relations(ctx context.Context) (*relation.Head, error) {
	o := BioRED()
	o.Types, o.Pairs, o.Epochs, o.Seed, o.Folds = nil, nil, 8, s.Seed, 5
	with := func(examples []dataset.Example) []Sample {
		stated := make([]dataset.Example, len(examples))
		for i, e := range examples {
			stated[i] = e.WithConcepts()
		}
		return samples(stated, s.prepare)
	}
	learn, dev := with(s.Train), with(s.Dev)
	for i := range learn {
		e := &learn[i].Example
		for _, r := range e.Gold.Relations {
			if !slices.Contains(o.Types, r.Type) {
				o.Types = append(o.Types, r.Type)
			}
			pair := [2]string{e.Gold.Mentions[r.Subject].Type, e.Gold.Mentions[r.Object].Type}
			if !slices.Contains(o.Pairs, pair) && !slices.Contains(o.Pairs, [2]string{pair[1], pair[0]}) {
				o.Pairs = append(o.Pairs, pair)
			}
		}
	}
	slices.Sort(o.Types)
	if len(o.Types) == 0 {
		return nil, impossible("task relations: the documents to train on hold no relations")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	h, count, err := Relations(learn, o)
	if err != nil {
		return nil, err
	}
	stage, err := relation.New(h)
	if err != nil {
		return nil, err
	}
	table, err := EvaluateRelations(dev, GoldMentions, stage, o.Ordered)
	if err != nil {
		return nil, err
	}
	s.outcome.Score[score.Subject{Task: schemas.TaskRelations, Data: devSet, Setting: "gold mentions"}] = table
	s.progress(
		schemas.TaskRelations, 1, 1,
		fmt.Sprintf("cross-validated %v; development part, gold mentions, %v", count, table.Micro()),
	)
	return h, nil
}

// summaries learns from the structured abstracts of the training part.
func (s *fineTune) summaries(ctx context.Context) ([]weights.Tensor, error) {
	docs := func(examples []dataset.Example) (out []*schemas.Document) {
		for _, e := range examples {
			out = append(out, e.Doc)
		}
		return out
	}
	const least = 20
	learn := slices.Concat(abstracts(docs(s.Train), s.prepare, false), abstracts(docs(s.Train), s.prepare, true))
	if len(learn) < 2*least {
		return nil, impossible(
			"task summary: %d of the documents to train on have a section of conclusions; at least %d are needed",
			len(learn)/2, least,
		)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o := Conclusions()
	o.Seed = s.Seed
	head, err := Summaries(learn, o)
	if err != nil {
		return nil, err
	}
	found, err := EvaluateSummaries(abstracts(docs(s.Dev), s.prepare, true), Head(head, 2))
	if err != nil {
		return nil, err
	}
	s.progress(
		schemas.TaskSummary,
		1,
		1,
		fmt.Sprintf(
			"%d abstracts; %d held out: hits %.1f%%, ROUGE-L %.1f", len(learn)/2, found.Documents,
			100*found.HitRate(), 100*found.MeanRougeL(),
		),
	)
	return summary.Tensors(head), nil
}

// write writes the model directory: the card last, without which it is none.
func (s *fineTune) write(learned []weights.Tensor, metadata map[string]string) error {
	if err := os.MkdirAll(s.Out, 0o755); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(s.Out, catalog.CardFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	card := s.card()
	for name := range s.Base.Card.SHA256 {
		if name == biogpt.WeightsFile || name == RecipeFile {
			continue
		}
		data, err := fs.ReadFile(s.Base.FS, name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(s.Out, name), data, 0o644); err != nil {
			return err
		}
	}
	if err := s.writeWeights(learned, metadata); err != nil {
		return err
	}
	s.outcome.Types = card.Types
	if err := s.plot(); err != nil {
		return err
	}
	sums, err := digests(s.Out)
	if err != nil {
		return err
	}
	delete(sums, RecipeFile) // of an earlier model
	for name := range s.Base.Card.SHA256 {
		if _, ok := sums[name]; !ok && name != RecipeFile {
			sums[name] = s.Base.Card.SHA256[name]
		}
	}
	card.SHA256 = sums
	data, err := json.MarshalIndent(card, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.Out, catalog.CardFile), append(data, '\n'), 0o644)
}

// plot writes the curves of training, where there are any.
func (s *fineTune) plot() error {
	if len(s.outcome.Curve) == 0 {
		return nil
	}
	var page bytes.Buffer
	if err := curves.Write(&page, s.Name, s.outcome.Curve, s.outcome.Best); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.Out, CurveFile), page.Bytes(), 0o644)
}

// card describes the model.
func (s *fineTune) card() catalog.Card {
	base := s.Base.Card
	card := catalog.Card{
		Name: s.Name, Version: "1", Licence: base.Licence, Attention: base.Attention, Window: base.Window, Types: base.Types,
		Description: fmt.Sprintf(
			"%s on top of %s, which was learned from %s; the licence is that of the base.",
			strings.Join(s.Tasks, ", "), s.Base.ID(), strings.Join(s.Sources, ", "),
		),
		Training: slices.Concat(base.Training, s.Sources), Scores: s.outcome.Score.Scores(),
	}
	if s.tagger != nil {
		card.Types = s.tagger.Types
	}
	for _, task := range schemas.Tasks() {
		if slices.Contains(s.Tasks, task) || !s.OnlyNew && base.Serves(task) {
			card.Tasks = append(card.Tasks, task)
		}
	}
	return card
}

// writeWeights writes the base's parameters and heads, with what was learned in the place of what
// it replaces.
func (s *fineTune) writeWeights(learned []weights.Tensor, metadata map[string]string) error {
	metadata = maps.Clone(metadata)
	gone := func(name string) bool { return s.OnlyNew && strings.HasPrefix(name, headPrefix) }
	replaced := s.replaced(metadata)
	if s.tagger != nil {
		tags, types, err := s.tagger.Tensors()
		if err != nil {
			return err
		}
		learned = append(slices.Clone(learned), tags...)
		maps.Copy(metadata, types)
		replaced = append(replaced, tagPrefix)
	}
	if slices.Contains(s.Tasks, schemas.TaskSummary) {
		replaced = append(replaced, summaryPrefix)
	}
	if slices.Contains(s.Tasks, schemas.TaskAnswers) {
		replaced = append(replaced, answerPrefix)
	}
	isReplaced := func(name string) bool {
		return gone(name) || slices.ContainsFunc(replaced, func(p string) bool { return strings.HasPrefix(name, p) })
	}
	var all []weights.Located
	for _, t := range learned {
		all = append(
			all,
			weights.Located{
				Name:     t.Name,
				Location: weights.Location{Reader: bytes.NewReader(t.Data), DType: t.DType, Shape: t.Shape},
			},
		)
	}
	for _, name := range s.file.Names() {
		if at, ok := s.file.Locate(name); ok && !isReplaced(name) {
			all = append(all, weights.Located{Name: name, Location: at})
		}
	}
	for key, value := range s.file.Metadata() {
		if _, ours := metadata[key]; !ours && !isReplaced(key+".") {
			metadata[key] = value
		}
	}
	f, err := os.Create(filepath.Join(s.Out, biogpt.WeightsFile))
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	return errors.Join(weights.WriteFrom(out, all, metadata), out.Flush(), f.Close())
}

// replaced returns the prefixes of the base's relation heads that give relations of a type that was
// learned, or are called as ours is.
func (s *fineTune) replaced(metadata map[string]string) []string {
	types := func(settings string) []string {
		var x struct{ Types []string }
		_ = json.Unmarshal([]byte(settings), &x) // what is no head has no types
		return x.Types
	}
	ours := types(metadata[relationPrefix+fineTunedRelations])
	var prefixes []string
	for key, settings := range s.file.Metadata() {
		if !strings.HasPrefix(key, relationPrefix) || len(ours) == 0 {
			continue
		}
		if key == relationPrefix+fineTunedRelations ||
			slices.ContainsFunc(types(settings), func(t string) bool { return slices.Contains(ours, t) }) {
			prefixes = append(prefixes, key+".")
		}
	}
	return prefixes
}
