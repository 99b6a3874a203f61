package schemas

// The tasks, by the names that flags, cards, rejects and configurations use. "generate" and "lm"
// are commands, not tasks.
const (
	TaskNER       = "ner"       // mentions
	TaskLinking   = "linking"   // concepts of mentions
	TaskRelations = "relations" // relations between mentions
	TaskSummary   = "summary"   // the sentences that carry a document's conclusion
	TaskAnswers   = "answers"   // answers to questions about a document
	TaskLabels    = "labels"    // classes of a document
	TaskVectors   = "vectors"   // a vector for each document
)

// Tasks lists the tasks in the order in which they run: a task may read the annotations of those
// before it.
func Tasks() []string {
	return []string{TaskNER, TaskLinking, TaskRelations, TaskSummary, TaskAnswers, TaskLabels, TaskVectors}
}

// Headless reports whether a task reads the states of the trunk only: every model serves it, if it
// is asked for by name.
func Headless(task string) bool { return task == TaskVectors }

// TableOf returns the table that holds the results of a task.
func TableOf(task string) string {
	return map[string]string{
		TaskNER: "mentions", TaskLinking: "mentions", TaskRelations: "relations", TaskSummary: "summaries",
		TaskAnswers: "answers", TaskLabels: "labels", TaskVectors: "vectors",
	}[task]
}
