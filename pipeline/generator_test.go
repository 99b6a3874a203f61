package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
)

// written returns a calm run in which two tasks are served by writing, beside one that looks at
// states.
func written(store *pipelinetest.Store) pipeline.Pipeline {
	p := calm(store)
	p.Generator = &pipelinetest.Generator{}
	p.Tasks = append(p.Tasks, pipelinetest.Prompter{Label: "first"}, pipelinetest.Prompter{Label: "second"})
	return p
}

// Every completion is given to the task and the document of its prompt.
func TestCompletionsBelongToTheirPrompts(t *testing.T) {
	store := pipelinetest.NewStore()
	p := written(store)
	report := mustRun(t, p)
	answers := 0
	for _, u := range p.Source.(pipelinetest.Source) {
		rows, _ := store.Published(u.Name)
		for i, r := range u.Records {
			if r.Document == nil || r.Document.Deleted {
				continue
			}
			x := p.Preparer.Prepare(r.Document)
			var want, got []string
			for _, task := range []string{"first", "second"} {
				for k, prompt := range (pipelinetest.Prompter{}).Prompts(x) {
					want = append(want, fmt.Sprintf("%s%d%v", task, k, prompt.IDs[:1]))
				}
			}
			for _, a := range rows[i].Answers {
				got = append(got, a.QuestionID+a.Answer)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("unit %s, record %d (-want +got):\n%s", u.Name, i, diff)
			}
			answers += len(got)
		}
	}
	if answers == 0 || report.Counts.Rows["answers"] != int64(answers) || report.Counts.Rows["mentions"] == 0 {
		t.Errorf("%d answers, report %v", answers, report.Counts.Rows)
	}
}

// A run that generates, fails anywhere and is resumed passes the same prompts to the generator.
func TestResumedRunWritesTheSame(t *testing.T) {
	store := pipelinetest.NewStore()
	mustRun(t, written(store))
	want := published(t, store, "a", "b", "c")
	rapid.Check(t, func(rt *rapid.T) {
		store, boom := pipelinetest.NewStore(), errors.New("boom")
		p := written(store)
		at := rapid.IntRange(1, 6).Draw(rt, "at")
		p.Generator = &pipelinetest.Generator{Fail: func(call int) error {
			if call == at {
				return boom
			}
			return nil
		}}
		if _, err := pipeline.Run(context.Background(), p); err != nil &&
			(!errors.Is(err, boom) || !strings.Contains(err.Error(), "chunk")) {
			rt.Fatal(err)
		}
		mustRun(t, written(store))
		if got := published(t, store, "a", "b", "c"); !reflect.DeepEqual(want, got) {
			rt.Fatalf("(-calm +resumed):\n%s", cmp.Diff(want, got))
		}
	})
}

func TestPromptsThatCannotBeMadeAreRejects(t *testing.T) {
	store := pipelinetest.NewStore()
	p := written(store)
	p.Tasks = []pipeline.Task{pipelinetest.Prompter{Label: "first", Refuses: func(x *model.Text) error {
		if strings.Contains(x.Body, "Record 101 ") {
			return errors.New("no idea")
		}
		return nil
	}}}
	mustRun(t, p)
	rows, _ := store.Published("a")
	if got := rows[1]; len(got.Answers) != 0 || len(got.Sentences) == 0 || len(got.Rejects) != 1 ||
		got.Rejects[0].Stage != "first" ||
		got.Rejects[0].Kind != "panic" {
		t.Errorf("%+v", got)
	}
	if len(rows[2].Answers) == 0 {
		t.Error("the next document has no answers")
	}
}

// A document that is too long for the encoder is not asked about.
func TestTooLongDocumentIsNotAskedAbout(t *testing.T) {
	store := pipelinetest.NewStore()
	p := written(store)
	p.Source = pipelinetest.Source{{Name: "a", Records: []pipelinetest.Record{
		{Document: pipelinetest.NewDocument(1, 50)}, {Document: pipelinetest.NewDocument(2, 2)},
	}}}
	asked := 0
	p.Generator = &pipelinetest.Generator{Seen: func(prompts []model.Prompt) { asked += len(prompts) }}
	mustRun(t, p)
	rows, _ := store.Published("a")
	if len(rows[0].Answers) != 0 || len(rows[1].Answers) != asked || asked == 0 {
		t.Errorf("%d and %d answers, %d prompts", len(rows[0].Answers), len(rows[1].Answers), asked)
	}
}

// forgetful loses a completion.
type forgetful struct{ pipelinetest.Generator }

func (f *forgetful) Generate(
	ctx context.Context, prompts []model.Prompt, done func(i int, c model.Completion),
) error {
	return f.Generator.Generate(ctx, prompts[1:], done)
}

func TestGeneratorThatMiscountsOrIsMissingStopsTheRun(t *testing.T) {
	for want, w := range map[string]pipeline.Generator{
		"there is no generator": nil, "generator continued": &forgetful{},
	} {
		p := written(pipelinetest.NewStore())
		p.Generator = w
		if _, err := pipeline.Run(context.Background(), p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
