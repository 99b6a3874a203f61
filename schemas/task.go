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
