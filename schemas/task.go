package schemas

// The tasks, by the names that flags, cards, rejects and configurations use. "generate" and "lm"
// are commands, not tasks.
const (
	TaskNER       = "ner"       // mentions
	TaskRelations = "relations" // relations between mentions
	TaskSummary   = "summary"   // the sentences that carry a document's conclusion
	TaskAnswers   = "answers"   // answers to questions about a document
)

// Tasks lists the tasks in the order in which they run: a task may read the annotations of those
// before it.
func Tasks() []string { return []string{TaskNER, TaskRelations, TaskSummary, TaskAnswers} }

// TableOf returns the table that holds the results of a task.
func TableOf(task string) string {
	return map[string]string{
		TaskNER: "mentions", TaskRelations: "relations", TaskSummary: "summaries", TaskAnswers: "answers",
	}[task]
}
