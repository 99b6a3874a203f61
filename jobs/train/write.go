package train

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/jobs/train/curves"
	"github.com/pubmine/pubmine/model/biogpt"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/weights"
	"github.com/pubmine/pubmine/schemas"
)

// CurveFile is the name of the plot of training in a model directory.
const CurveFile = "training.html"

// write writes the model directory.
func (t *trainer) write(dir *modeldir.Writer) error {
	for name, data := range t.files {
		if err := dir.Put(name, data); err != nil {
			return err
		}
	}
	tensors, metadata, err := t.allTensors()
	if err != nil {
		return err
	}
	_, err = dir.Write(biogpt.WeightsFile, func(w io.Writer) error { return weights.WriteFrom(w, tensors, metadata) })
	if err != nil {
		return err
	}
	if len(t.outcome.Curve) > 0 {
		var page bytes.Buffer
		if err := curves.Write(&page, t.card.Name, t.outcome.Curve, t.outcome.Best); err != nil {
			return err
		}
		if err := dir.Put(CurveFile, page.Bytes()); err != nil {
			return err
		}
	}
	card := t.completeCard()
	t.outcome.Types = card.Types
	return dir.Commit(card)
}

// completeCard returns the card with the result of training.
func (t *trainer) completeCard() catalog.Card {
	card := t.card
	card.Scores = append(slices.Clone(t.scores), t.outcome.Score.Scores()...)
	slices.SortStableFunc(card.Scores, func(a, b catalog.Score) int {
		return cmp.Compare(slices.Index(schemas.Tasks(), a.Task), slices.Index(schemas.Tasks(), b.Task))
	})
	if t.tagger != nil {
		card.Types = t.tagger.Types
	}
	for _, task := range schemas.Tasks() {
		if t.trains(task) || t.base != nil && !t.onlyNew && t.base.Card.Serves(task) {
			card.Tasks = append(card.Tasks, task)
		}
	}
	return card
}

// allTensors returns the heads that were trained, the trunk, and what stays of the base.
func (t *trainer) allTensors() ([]weights.Located, map[string]string, error) {
	tensors, metadata := slices.Clone(t.tensors), maps.Clone(t.metadata)
	if t.tagger != nil {
		tags, types, err := t.tagger.Tensors()
		if err != nil {
			return nil, nil, err
		}
		tensors = append(tensors, tags...)
		maps.Copy(metadata, types)
	}
	if t.trunk.params != nil {
		for _, p := range t.trunk.params.Tensors(t.trunk.config.Trunk()) {
			tensors = append(tensors, toFloat16(p))
		}
	}
	all := make([]weights.Located, len(tensors))
	for i, x := range tensors {
		all[i] = weights.Located{
			Name:     x.Name,
			Location: weights.Location{Reader: bytes.NewReader(x.Data), DType: x.DType, Shape: x.Shape},
		}
	}
	if t.base != nil {
		all = t.addBase(all, metadata)
	}
	return all, metadata, nil
}

// addBase adds the tensors and the metadata of the base that nothing replaces.
func (t *trainer) addBase(all []weights.Located, metadata map[string]string) []weights.Located {
	replaced := t.replaced(metadata)
	isReplaced := func(name string) bool {
		return slices.ContainsFunc(replaced, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	}
	for _, name := range t.baseFile.Names() {
		if at, ok := t.baseFile.Locate(name); ok && !isReplaced(name) {
			all = append(all, weights.Located{Name: name, Location: at})
		}
	}
	for key, value := range t.baseFile.Metadata() {
		if _, ours := metadata[key]; !ours && !isReplaced(key+".") {
			metadata[key] = value
		}
	}
	return all
}

// replaced returns the prefixes of the base's heads that do not stay: all with plan.onlyNew, else
// those of a task that was trained, of relations those with a relation type that was trained.
func (t *trainer) replaced(metadata map[string]string) (prefixes []string) {
	if t.onlyNew {
		return []string{heads.Prefix}
	}
	for task, prefix := range map[string]string{
		schemas.TaskNER: heads.NERPrefix, schemas.TaskLinking: heads.LinkingPrefix,
		schemas.TaskSummary: heads.SummaryPrefix, schemas.TaskAnswers: heads.AnswerPrefix,
		schemas.TaskLabels: heads.LabelPrefix,
	} {
		if t.trains(task) {
			prefixes = append(prefixes, prefix)
		}
	}
	types := func(settings string) []string {
		var x struct{ Types []string }
		_ = json.Unmarshal([]byte(settings), &x) // metadata of anything else has no types
		return x.Types
	}
	for _, p := range t.relations {
		ours := heads.RelationPrefix + p.name
		for key, settings := range t.baseFile.Metadata() {
			if strings.HasPrefix(key, heads.RelationPrefix) && (key == ours || slices.ContainsFunc(
				types(settings), func(typ string) bool { return slices.Contains(types(metadata[ours]), typ) },
			)) {
				prefixes = append(prefixes, key+".")
			}
		}
	}
	return prefixes
}

// jsonFile returns a value as the content of a JSON file.
func jsonFile(v any) ([]byte, error) {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("JSON of a model directory: %w", err)
	}
	return append(data, '\n'), nil
}
