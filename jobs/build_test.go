package jobs_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/jobstest"
	"github.com/pubmine/pubmine/model/biogpt"
)

// isRequestError reports whether an error asks for another request.
func isRequestError(err error) bool {
	var request *jobs.RequestError
	return errors.As(err, &request)
}

func TestBuild(t *testing.T) {
	dir := jobstest.WriteModel(t, "ner", "summary")
	for _, test := range []struct {
		tasks   []string
		backend string
		tasksOf []string
		bad     bool // the request
	}{
		{nil, "cpu", []string{"ner", "summary"}, false},
		{[]string{"none"}, "", nil, false},
		{[]string{"summary"}, "cpu", []string{"summary"}, false},
		{[]string{"ner", "relations"}, "cpu", nil, true}, // the card does not serve it
		{[]string{"none", "ner"}, "cpu", nil, true},
		{[]string{"NER"}, "cpu", nil, true},
		{[]string{"relations"}, "cpu", nil, true},
	} {
		c, err := jobs.Build(jobs.Request{Model: dir, Tasks: test.tasks, Backend: test.backend})
		if isRequestError(err) != test.bad {
			t.Errorf("%v on %s: error %v", test.tasks, test.backend, err)
		}
		if err != nil {
			continue
		}
		var names []string
		for _, task := range c.Tasks {
			names = append(names, task.Name())
		}
		if !slices.Equal(names, test.tasksOf) || !slices.Equal(c.Configuration.Tasks, names) ||
			(c.Configuration.Backend == "") != (len(names) == 0) || (c.Encoder == nil) != (len(names) == 0) {
			t.Errorf("%v on %s: tasks %v, configuration %+v", test.tasks, test.backend, names, c.Configuration)
		}
		c.Close()
	}
	if _, err := jobs.Build(jobs.Request{Model: dir, Backend: "abacus"}); err == nil || isRequestError(err) {
		t.Errorf("error %v", err)
	}
}

// A model whose files cannot be used is named, with the file that is damaged.
func TestBuildBrokenModel(t *testing.T) {
	dir := jobstest.WriteModel(t, "answers")
	if _, err := jobs.Build(jobs.Request{Model: dir, Backend: "cpu"}); !isRequestError(err) ||
		!strings.Contains(err.Error(), "answers") {
		t.Errorf("error %v", err)
	}
	if err := os.Truncate(filepath.Join(dir, biogpt.WeightsFile), 100); err != nil {
		t.Fatal(err)
	}
	_, err := jobs.Build(jobs.Request{Model: dir, Backend: "cpu", OwnQuestions: true})
	if !isRequestError(err) || !strings.Contains(err.Error(), biogpt.WeightsFile) {
		t.Errorf("error %v", err)
	}
}

// Tasks run in one order, whatever the order in which they are asked for.
func TestParseTasks(t *testing.T) {
	for given, want := range map[string]string{
		"": "", "none": "", "summary,ner": "ner,summary", "relations,ner,ner": "ner,relations", "none,ner": "error",
		"relations": "relations", "NER": "error",
	} {
		var names []string
		if given != "" {
			names = strings.Split(given, ",")
		}
		tasks, err := jobs.ParseTasks(names)
		if err != nil {
			tasks = []string{"error"}
		}
		if got := strings.Join(tasks, ","); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}
