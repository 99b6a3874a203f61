package jobs

import (
	"bufio"
	"os"
	"slices"
	"strings"

	answers "github.com/pubmine/pubmine/stages/answer"
)

// rememberedQuestions returns the questions that a corpus remembers.
func rememberedQuestions(texts []string) (questions []answers.Question, err error) {
	for _, text := range texts {
		q, err := answers.NewQuestion(text)
		if err != nil {
			return nil, invalid("a question of the corpus: %w: ask others with --question", err)
		}
		questions = append(questions, q)
	}
	return questions, nil
}

// ReadQuestions returns given questions and those of a file, each once, in order. The file has a
// question per line, and comments after #; its name may be empty. A question that cannot be asked
// is a RequestError.
func ReadQuestions(given []string, file string) (questions []answers.Question, err error) {
	add := func(text, where string) error {
		q, err := answers.NewQuestion(text)
		if err != nil {
			return invalid("%s: %w", where, err)
		}
		if !slices.ContainsFunc(questions, func(x answers.Question) bool { return x.Text == q.Text }) {
			questions = append(questions, q)
		}
		return nil
	}
	for _, text := range given {
		if err := add(text, "--question"); err != nil {
			return nil, err
		}
	}
	if file == "" {
		return questions, nil
	}
	where := "--questions " + file
	f, err := os.Open(file)
	if err != nil {
		return nil, invalid("--questions: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if line == "" || line[0] == '#' {
			continue
		}
		if err := add(line, where); err != nil {
			return nil, err
		}
	}
	if err := lines.Err(); err != nil {
		return nil, invalid("%s: %w", where, err)
	}
	if len(questions) == 0 {
		return nil, invalid("%s: there is no question in it", where)
	}
	return questions, nil
}
