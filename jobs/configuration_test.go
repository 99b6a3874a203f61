package jobs_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/schemas"
)

// A configuration has the versions of the stages that its tasks use, and no others: a new version
// of one stage leaves corpora alone that do not use it.
func TestConfigureStages(t *testing.T) {
	heads := &catalog.Model{Card: catalog.Card{Name: "m", Tasks: schemas.Tasks()}, Digest: "0123456789abcdef"}
	generates := &catalog.Model{Digest: heads.Digest, Card: catalog.Card{
		Name: "g", Tasks: []string{schemas.TaskRelations}, Generation: []model.Generation{
			{Task: schemas.TaskRelations},
		},
	}}
	for _, c := range []struct {
		model *catalog.Model
		tasks []string
		want  []string
	}{
		{nil, nil, []string{"pubmed", "sentence"}},
		{heads, []string{schemas.TaskNER}, []string{"abbrev", "features", "ner", "pubmed", "sentence", "text"}},
		{heads, []string{schemas.TaskSummary}, []string{"features", "pubmed", "sentence", "summary", "text"}},
		{heads, []string{schemas.TaskLabels}, []string{"features", "label", "pubmed", "sentence", "text"}},
		{heads, []string{schemas.TaskVectors}, []string{"pubmed", "sentence", "text", "vector"}},
		{
			heads, schemas.Tasks(),
			[]string{
				"abbrev", "answer", "features", "label", "link", "ner", "pubmed", "relation", "sentence", "summary",
				"text", "topic", "vector",
			},
		},
		{generates, []string{schemas.TaskRelations}, []string{"abbrev", "generate", "pubmed", "sentence", "text"}},
	} {
		got := slices.Sorted(maps.Keys(jobs.Configure(c.model, c.tasks, "cpu", jobs.Settings{}).Stages))
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: stages %v, want %v", c.tasks, got, c.want)
		}
	}
}

// Everything that can change a row changes the fingerprint.
func TestConfigureFingerprint(t *testing.T) {
	m := &catalog.Model{Card: catalog.Card{Name: "m", Tasks: schemas.Tasks()}, Digest: "0123456789abcdef"}
	other := &catalog.Model{Card: m.Card, Digest: "fedcba9876543210"}
	ner := []string{schemas.TaskNER}
	s := jobs.Settings{Chunk: 256, GroupTokens: 1}
	seen := map[string]string{}
	for name, fingerprint := range map[string]string{
		"base":    jobs.Configure(m, ner, "cpu", s).Fingerprint(),
		"model":   jobs.Configure(other, ner, "cpu", s).Fingerprint(),
		"tasks":   jobs.Configure(m, schemas.Tasks(), "cpu", s).Fingerprint(),
		"backend": jobs.Configure(m, ner, "xla:cpu", s).Fingerprint(),
		"questions": jobs.Configure(
			m, ner, "cpu", jobs.Settings{Questions: []string{"?"}, Chunk: 256, GroupTokens: 1},
		).Fingerprint(),
		"chunk": jobs.Configure(m, ner, "cpu", jobs.Settings{Chunk: 32, GroupTokens: 1}).Fingerprint(),
	} {
		if before, taken := seen[fingerprint]; taken {
			t.Errorf("%s and %s have the same fingerprint", name, before)
		}
		seen[fingerprint] = name
	}
}
