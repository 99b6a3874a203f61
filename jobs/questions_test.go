package jobs_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs"
	answers "github.com/pubmine/pubmine/stages/answer"
)

func textsOf(questions []answers.Question) (texts []string) {
	for _, q := range questions {
		texts = append(texts, q.Text)
	}
	return texts
}

func TestReadQuestions(t *testing.T) {
	var refused *jobs.RequestError
	file := filepath.Join(t.TempDir(), "questions.txt")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("\ufeff# on dogs\n\n Do dogs bark,  or bite? \r\nAre cats blue?\n")
	given := []string{"Are cats blue?", "Are  cats blue?", "Is gout, if treated, rare?"}
	asked, err := jobs.ReadQuestions(given, file)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Are cats blue?", "Is gout, if treated, rare?", "Do dogs bark, or bite?"}
	if diff := cmp.Diff(want, textsOf(asked)); diff != "" {
		t.Error(diff)
	}
	for text, want := range map[string]string{
		"# nothing\n": "no question in it", "Is it?\n": "no content word", "\xff dog?\n": "no content word",
	} {
		write(text)
		if _, err := jobs.ReadQuestions(nil, file); !errors.As(err, &refused) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
	if _, err := jobs.ReadQuestions(nil, file+".none"); !errors.As(err, &refused) {
		t.Errorf("no file: error %v", err)
	}
}
