package train

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/eval/score"
	"github.com/pubmine/pubmine/model/features"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/relation"
)

// trainTaskHeads trains the heads of the other tasks, which read features only.
func (t *trainer) trainTaskHeads(ctx context.Context) error {
	endToEnd := slices.ContainsFunc(t.relations, func(p relationPlan) bool { return p.endToEnd })
	if t.find == nil && (endToEnd || t.linking != nil) {
		find, err := t.mentionFinder(ctx)
		if err != nil {
			return err
		}
		defer find.Close()
		t.find = find
	}
	if t.linking != nil {
		if err := t.trainLinkingHead(ctx); err != nil {
			return fmt.Errorf("%s: %w", schemas.TaskLinking, err)
		}
	}
	for i := range t.relations {
		if err := t.trainRelationHead(ctx, &t.relations[i]); err != nil {
			return fmt.Errorf("%s of %s: %w", schemas.TaskRelations, t.relations[i].data, err)
		}
	}
	if t.summary != nil {
		if err := t.trainSummaryHead(ctx); err != nil {
			return fmt.Errorf("%s: %w", schemas.TaskSummary, err)
		}
	}
	if t.answers != nil {
		if err := t.trainAnswerHead(ctx); err != nil {
			return fmt.Errorf("%s: %w", schemas.TaskAnswers, err)
		}
	}
	if t.labels != nil {
		if err := t.trainLabelHead(ctx); err != nil {
			return fmt.Errorf("%s: %w", schemas.TaskLabels, err)
		}
	}
	return nil
}

// trainRelationHead trains a relation head and measures it and the baseline on its dev set: between
// gold mentions and, with relationPlan.endToEnd, between mentions that the tag head finds.
func (t *trainer) trainRelationHead(ctx context.Context, p *relationPlan) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	h, count, err := trainRelations(prepareSamples(p.train, t.prepare), p.options)
	if err != nil {
		return err
	}
	tensors, metadata, err := h.Tensors(p.name)
	if err != nil {
		return err
	}
	t.add(tensors, metadata)
	note := fmt.Sprintf("cross-validated %v", count)
	sources := []namedSource{{"gold mentions", fromGold}}
	if p.endToEnd {
		sources = append(sources, namedSource{"predicted mentions", fromStage(t.find)})
	}
	measured, err := measureRelations(p, h, prepareSamples(p.dev, t.prepare), sources)
	if err != nil {
		return err
	}
	maps.Copy(t.outcome.Score, measured)
	t.progress(schemas.TaskRelations+" "+p.data, 1, 1, note+"; "+inOneLine(measured))
	return nil
}

// namedSource is a source of mentions with its name.
type namedSource struct {
	name     string
	mentions mentionSource
}

// measureRelations measures a head and the baseline on samples.
func measureRelations(
	p *relationPlan, h *heads.RelationClassifier, dev []sample, sources []namedSource,
) (score.Tables, error) {
	stage, err := relation.New(func() (features.Hierarchy, error) { return p.options.Vocabulary, nil }, h)
	if err != nil {
		return nil, err
	}
	measured := score.Tables{}
	for _, from := range sources {
		for _, find := range []struct {
			annotator
			baseline string
		}{{stage, ""}, {cooccurrence{p.options, true}, "co-occurrence in a sentence, as " + p.options.Types[0]}} {
			table, err := evaluateRelations(dev, from.mentions, find, p.options.Ordered)
			if err != nil {
				return nil, err
			}
			measured[score.Subject{
				Task: schemas.TaskRelations, Data: p.devName, Setting: from.name, Baseline: find.baseline,
			}] = table
		}
	}
	return measured, nil
}

// trainSummaryHead trains the summary head on structured abstracts, with and without their section
// labels, and measures it on the dev set, without.
func (t *trainer) trainSummaryHead(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	p := t.summary
	learn := append(prepareAbstracts(p.train, t.prepare, false), prepareAbstracts(p.train, t.prepare, true)...)
	head, err := trainSummary(learn, p.options)
	if err != nil {
		return err
	}
	t.add(heads.SummaryTensors(head), nil)
	dev := prepareAbstracts(p.dev, t.prepare, true)
	note := fmt.Sprintf("%d abstracts in the dev set", len(dev))
	for _, c := range []struct {
		setting, baseline string
		pick              Picker
	}{
		{"one sentence", "", stagePicker(head, 1)}, {"up to two sentences", "", stagePicker(head, 2)},
		{"one sentence", "last sentence", LastSentence},
	} {
		found, err := EvaluateSummaries(dev, c.pick)
		if err != nil {
			return err
		}
		misses := found.Documents - found.Hits
		t.outcome.Score[score.Subject{
			Task: schemas.TaskSummary, Data: p.devName, Setting: c.setting, Baseline: c.baseline,
		}] = score.Table{"": {TP: found.Hits, FP: misses, FN: misses}}
		note += fmt.Sprintf(
			"; %s: hits %.1f%%, ROUGE-L %.1f", cmp.Or(c.baseline, c.setting), 100*found.HitRate(),
			100*found.MeanRougeL(),
		)
	}
	t.progress(schemas.TaskSummary, 1, 1, note)
	return nil
}

// trainAnswerHead trains the answer head, and measures it and the baselines by cross-validation.
func (t *trainer) trainAnswerHead(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	all := prepareQuestions(t.answers.examples, t.prepare)
	h, v, err := trainAnswers(all, t.answers.options)
	if err != nil {
		return err
	}
	tensors, metadata, err := h.Tensors()
	if err != nil {
		return err
	}
	t.add(tensors, metadata)
	words, err := crossValidateAnswers(all, bagOfWords, t.answers.options)
	if err != nil {
		return err
	}
	t.outcome.Answers = &AnswerResult{Head: v, BagOfWords: words}
	t.outcome.Answers.addTo(t.outcome.Score, t.answers.data)
	t.progress(schemas.TaskAnswers, 1, 1, t.outcome.Answers.String())
	return nil
}

// inOneLine formats scores for a line of progress.
func inOneLine(all score.Tables) string {
	var lines []string
	for _, subject := range all.Subjects() {
		table := all[subject]
		line := fmt.Sprintf("%s: F1 %.1f", subject, 100*table.Micro().F1())
		if types := table.Types(); subject.Baseline == "" && len(types) > 1 {
			for _, typ := range types {
				line += fmt.Sprintf(", %s %.1f", typ, 100*table[typ].F1())
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}
