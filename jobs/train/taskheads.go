package train

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"

	"github.com/pubmine/pubmine/jobs/dataset"
	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/relation"
	"github.com/pubmine/pubmine/stages/summary"
)

// preparer makes documents ready for the model.
type preparer interface {
	Prepare(*schemas.Document) *model.Text
}

// taskHeads trains the heads of the recipe's tasks, which read features alone, and returns them as
// tensors and metadata. What they reach is added to the measures; mentions are found by ner.
func (s *session) taskHeads(ctx context.Context, ner annotator) ([]weights.Tensor, map[string]string, error) {
	var tensors []weights.Tensor
	metadata := map[string]string{}
	for _, task := range s.Tasks {
		switch task {
		case schemas.TaskRelations:
			for _, r := range []struct {
				name, corpus string
				options      RelationOptions
			}{{"biored", "biored", BioRED()}, {"cid", "bc5cdr", CID()}} {
				h, err := s.relationHead(ctx, ner, r.corpus, r.options)
				if err != nil {
					return nil, nil, fmt.Errorf("relations of %s: %w", r.corpus, err)
				}
				more, meta, err := h.Tensors(r.name)
				if err != nil {
					return nil, nil, err
				}
				tensors = append(tensors, more...)
				maps.Copy(metadata, meta)
			}
		case schemas.TaskSummary:
			more, err := s.summaryHead(ctx)
			if err != nil {
				return nil, nil, fmt.Errorf("summary: %w", err)
			}
			tensors = append(tensors, more...)
		case schemas.TaskAnswers:
			more, meta, err := s.answerHead()
			if err != nil {
				return nil, nil, fmt.Errorf("answers: %w", err)
			}
			tensors = append(tensors, more...)
			maps.Copy(metadata, meta)
		default:
			return nil, nil, fmt.Errorf(
				"tasks: %q is none of %q, %q and %q", task, schemas.TaskRelations, schemas.TaskSummary,
				schemas.TaskAnswers,
			)
		}
	}
	return tensors, metadata, nil
}

// relationHead trains a head on the train part of a corpus, and measures it on the development
// part: between the annotators' mentions, and between those that are found.
func (s *session) relationHead(
	ctx context.Context, ner annotator, name string, o RelationOptions,
) (*relation.Head, error) {
	learn := samples(s.held.Training(dataset.Select(s.all, name, "train")), s.prepare)
	dev := samples(dataset.Select(s.all, name, "dev"), s.prepare)
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
	note := fmt.Sprintf("cross-validated %v", count)
	for _, from := range []struct {
		name     string
		mentions Mentions
	}{{"gold mentions", GoldMentions}, {"predicted mentions", FoundMentions(ner)}} {
		table, err := EvaluateRelations(dev, from.mentions, stage, o.Ordered)
		if err != nil {
			return nil, err
		}
		base, err := EvaluateRelations(dev, from.mentions, Cooccurring{o, true}, o.Ordered)
		if err != nil {
			return nil, err
		}
		subject := score.Subject{Task: schemas.TaskRelations, Data: name + "/dev", Setting: from.name}
		s.measured[subject] = table
		subject.Baseline = "co-occurrence in a sentence, as " + o.Types[0]
		s.measured[subject] = base
		note += fmt.Sprintf("; %s %v (every pair of a sentence %.1f)", from.name, table.Micro(), 100*base.Micro().F1())
	}
	s.progress(schemas.TaskRelations+" "+name, 1, 1, note)
	return h, nil
}

// samples makes examples ready, without states.
func samples(examples []dataset.Example, p preparer) []Sample {
	out := make([]Sample, len(examples))
	for i, e := range examples {
		out[i] = Sample{Example: e, Text: p.Prepare(e.Doc)}
	}
	return out
}

// answerHead trains the answer head on PubMedQA's questions, and measures it by cross-validation.
func (s *session) answerHead() ([]weights.Tensor, map[string]string, error) {
	asked, _, err := dataset.Read(
		filepath.Join(s.corpora(), "pubmedqa", "train.json"), dataset.PublicRules("pubmedqa", "train"),
	)
	if err != nil {
		return nil, nil, err
	}
	tensors, metadata, m, err := answerHead(
		questions(s.held.Training(asked), s.prepare), YesNoMaybe(), "pubmedqa/train", s.measured,
	)
	s.progress(schemas.TaskAnswers, 1, 1, m.String())
	return tensors, metadata, err
}

// summaryHead trains the sentence head on the structured abstracts of the pool, with and without
// their headings, and measures it on some that it has not seen, without.
func (s *session) summaryHead(ctx context.Context) ([]weights.Tensor, error) {
	var files []string
	for _, name := range s.Pool {
		files = append(files, s.pool(name))
	}
	docs, err := structured(ctx, files, s.held)
	if err != nil {
		return nil, err
	}
	dev := len(docs) / 8
	head, err := Summaries(
		append(abstracts(docs[dev:], s.prepare, false), abstracts(docs[dev:], s.prepare, true)...), Conclusions(),
	)
	if err != nil {
		return nil, err
	}
	held := abstracts(docs[:dev], s.prepare, true)
	note := fmt.Sprintf("%d abstracts held out", len(held))
	for _, p := range []struct {
		setting, baseline string
		pick              Picker
	}{
		{"one sentence", "", Head(head, 1)}, {"up to two sentences", "", Head(head, 2)},
		{"one sentence", "last sentence", LastSentence},
	} {
		found, err := EvaluateSummaries(held, p.pick)
		if err != nil {
			return nil, err
		}
		misses := found.Documents - found.Hits
		subject := score.Subject{
			Task: schemas.TaskSummary, Data: "structured abstracts, held out", Setting: p.setting, Baseline: p.baseline,
		}
		s.measured[subject] = score.Table{"": {TP: found.Hits, FP: misses, FN: misses}}
		note += fmt.Sprintf(
			"; %s: hits %.1f%%, ROUGE-L %.1f", cmp.Or(p.baseline, p.setting), 100*found.HitRate(),
			100*found.MeanRougeL(),
		)
	}
	s.progress(schemas.TaskSummary, 1, 1, note)
	return summary.Tensors(head), nil
}
