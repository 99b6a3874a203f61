package corpus

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/schemas"
)

// LossError reports that a configuration makes fewer results than the current edition has.
type LossError struct {
	Edition int      // the current one
	Lost    []string // what would be lost: "1,616 relations"
}

// Error names what would be lost, and the options.
func (e *LossError) Error() string {
	return fmt.Sprintf("edition %d has %s, which this configuration does not make: leave out --tasks, --model and "+
		"--question to continue it, or give --drop-tables to begin an edition without them",
		e.Edition, strings.Join(e.Lost, " and "))
}

// lostTables describes the rows that an edition has and a configuration does not make.
func lostTables(e *Edition, now *Configuration) []string {
	var lost []string
	rows := e.Counts().Rows
	for _, task := range e.Configuration.Tasks {
		if n := rows[schemas.TableOf(task)]; n > 0 && !slices.Contains(now.Tasks, task) {
			what := schemas.TableOf(task)
			if task == schemas.TaskLinking {
				what = "mentions with concepts"
			}
			lost = append(lost, fmt.Sprintf("%d %s", n, what))
		}
	}
	for _, q := range e.Configuration.Questions {
		if slices.Contains(now.Tasks, schemas.TaskAnswers) && !slices.Contains(now.Questions, q) {
			lost = append(lost, fmt.Sprintf("the answers to %q", q))
		}
	}
	return lost
}

// Difference describes for people how a configuration differs from another.
func Difference(old, now *Configuration) string {
	var changes []string
	add := func(what, a, b string) {
		if a != b {
			changes = append(changes, fmt.Sprintf("%s %s instead of %s", what, orNone(b), orNone(a)))
		}
	}
	add("model", old.Model, now.Model)
	add("vocabulary", old.Vocabulary, now.Vocabulary)
	if old.Model == now.Model && old.ModelDigest != now.ModelDigest {
		changes = append(changes, "other files of model "+now.Model)
	}
	add("tasks", strings.Join(old.Tasks, ","), strings.Join(now.Tasks, ","))
	if !slices.Equal(old.Questions, now.Questions) {
		changes = append(changes, "other questions")
	}
	add("backend", old.Backend, now.Backend)
	add("chunks of", fmt.Sprint(old.Chunk), fmt.Sprint(now.Chunk))
	if old.Schema != now.Schema {
		changes = append(changes, fmt.Sprintf("tables of version %d instead of %d", now.Schema, old.Schema))
	}
	for _, stage := range slices.Sorted(maps.Keys(now.Stages)) {
		if was, ok := old.Stages[stage]; ok && was != now.Stages[stage] {
			changes = append(changes, fmt.Sprintf("stage %s version %d instead of %d", stage, now.Stages[stage], was))
		}
	}
	if len(changes) == 0 {
		return "another configuration"
	}
	return strings.Join(changes, ", ")
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
