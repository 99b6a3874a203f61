// Package train makes models: it reads annotated corpora and plain abstracts, and writes a model
// directory.
//
// Run follows a recipe. The trunk first learns from plain text to say which words are hidden
// (TrunkPlan, package lm); then the tag head is trained on features, and the trunk to add to what
// they say. On gold that the features have learned from they are nearly always right, so some of
// them are hidden while the trunk learns, and in the end a share of what it says is added. Its
// token table hardly moves then (Trunk.TokenRate), which is worth up to 0.6 points of F1. Tried for
// less or nothing: asking heads that had not seen a document (four folds), silver tags for the
// trunk, a head that learns from features and the states of a trunk of masked text at once.
//
// The tag head reads hashed lexical features and, where there is a trunk, its states; a CRF per
// entity type reads the head's scores (reference training.md, section 1). Corpora that annotate
// different types are trained on together: a sentence teaches only the chains of the types that its
// corpus annotates. Documents of any development part, by PubMed identifier or title, are kept out
// of everything that is trained on.
//
// Heads for relations, summaries and answers read features alone, and are calibrated on parts of
// the training set that they did not see.
//
// RunOwn makes a model of people's own annotations on top of one that exists: see Own. Package lm
// trains language models, package softprompt models that write their answers.
//
// Training is a function of recipe and data: the same seed gives the same model on the same
// machine.
package train

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/biogpt/device"
	"github.com/pubmine/pubmine/model/biogpt/trunk"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/tokenizer"
	"github.com/pubmine/pubmine/stages/text"
)

// Progress hears how far a stage of training is; note says what there is to know, such as the loss.
type Progress func(stage string, done, total int, note string)

// Run trains a model by the recipe and writes its directory.
func Run(ctx context.Context, r Recipe, progress Progress) error {
	if err := r.check(); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	backend, err := device.OpenGradients(cmp.Or(r.Backend, "auto"))
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	defer backend.Close()
	s := session{Recipe: r, progress: progress, backend: backend}
	if err := s.run(ctx); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	return nil
}

// session is one run of training.
type session struct {
	Recipe
	progress Progress

	all      []dataset.Example // every corpus, every part
	held     dataset.HeldOut
	prepare  *text.Preparer
	words    *tokenizer.Tokenizer
	trunk    biogpt.Config
	params   biogpt.Params // as the trunk starts, and in the end as it is trained
	backend  *biogpt.Backend
	trainer  *trunk.Trainer // nil for a trunk that is not trained
	tagger   *heads.Tagger
	measured score.Tables
}

func (s *session) run(ctx context.Context) error {
	var err error
	if s.all, _, err = dataset.Load(s.corpora()); err != nil {
		return err
	}
	return s.make(ctx)
}

// make makes the model of the examples.
func (s *session) make(ctx context.Context) error {
	var err error
	s.measured = score.Tables{}
	s.all = s.given(s.all)
	s.held = dataset.NewHeldOut(s.all)
	if s.TrunkDir != "" {
		err = s.readTrunk()
	} else if s.words, err = s.vocabulary(ctx); err == nil {
		s.trunk = s.Trunk.config(s.words.Size())
		s.params = biogpt.InitStructured(s.trunk, s.Seed)
	}
	if err != nil {
		return err
	}
	s.prepare = text.New(s.words, s.Trunk.Window)
	if err := s.tags(ctx); err != nil {
		return err
	}
	if s.trainer != nil {
		s.trainer.Close()
	}
	mentions, err := s.mentions(ctx, s.tagger)
	if err != nil {
		return err
	}
	defer mentions.Close()
	tensors, metadata, err := s.taskHeads(ctx, mentions)
	if err != nil {
		return err
	}
	return s.write(tensors, metadata)
}

// given makes training parts of those development parts that the recipe names among what to train
// on ("drugprot/dev"): nothing is measured on them then.
func (s *session) given(all []dataset.Example) []dataset.Example {
	all = slices.Clone(all)
	for i, e := range all {
		if slices.Contains(s.Tags.Corpora, e.Corpus+"/"+e.Split) {
			all[i].Split, all[i].Corpus = "train", e.Corpus+"/"+e.Split
		}
	}
	return all
}

// vocabulary learns the pieces of the trunk's vocabulary from the pool.
func (s *session) vocabulary(ctx context.Context) (*tokenizer.Tokenizer, error) {
	if s.Base != "" {
		return tokenizer.Load(os.DirFS(s.Base))
	}
	counts := map[string]int{}
	for doc, err := range s.records(ctx) {
		if err != nil {
			return nil, err
		}
		for _, w := range tokenizer.Words(doc.Text()) {
			counts[w]++
		}
	}
	words, err := tokenizer.Learn(counts, s.Trunk.Vocabulary)
	if err != nil {
		return nil, fmt.Errorf("vocabulary: %w", err)
	}
	s.progress("vocabulary", 1, 1, fmt.Sprintf("%d pieces", words.Size()))
	return words, nil
}
