package corpus

// PartOf returns the part that holds a unit.
func PartOf(e *Edition, unit string) (*Part, *Record) { return e.find(unit) }

// Verify reads every file of every edition and everything else below the directory, and returns the
// differences from the log: see [Corpus.VerifyLayout] and [Corpus.VerifyFile].
func (c *Corpus) Verify() ([]Problem, error) {
	problems, err := c.VerifyLayout()
	if err != nil {
		return nil, err
	}
	s, err := c.Snapshot()
	if err != nil {
		return nil, err
	}
	for f := range s.Files() {
		problem, err := c.VerifyFile(f)
		if err != nil {
			return nil, err
		}
		if problem != nil {
			problems = append(problems, *problem)
		}
	}
	return problems, nil
}
