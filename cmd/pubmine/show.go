package main

import (
	"cmp"
	"io"
	"os"
	"slices"

	"golang.org/x/term"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/view"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// showCommand is pubmine show.
type showCommand struct {
	PMID   int32  `arg:"" name:"pmid" help:"PubMed identifier."`
	Corpus string `required:"" placeholder:"DIR" help:"Corpus directory."`
}

// Run runs the command.
func (c *showCommand) Run(std streams) error {
	opened, err := corpus.Open(c.Corpus)
	if err != nil {
		return err
	}
	snapshot, err := opened.Snapshot()
	if err != nil {
		return err
	}
	found, err := findAbstract(opened, &snapshot, c.PMID)
	if err != nil {
		return err
	}
	if found == nil {
		return usage("PMID %d: not in corpus %s", c.PMID, c.Corpus)
	}
	return found.Write(std.out, styleOf(std.out))
}

// styleOf asks a terminal for its width; what is no terminal gets neither colours nor wrapping.
func styleOf(w io.Writer) view.Style {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return view.Style{}
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	return view.Style{Color: os.Getenv("NO_COLOR") == "", Width: min(width, 120)}
}

// findAbstract returns what is current of a record: of the last words on its versions the highest
// that is not deleted, or where all are deleted the highest; nil if no unit has it.
func findAbstract(opened *corpus.Corpus, s *corpus.Snapshot, pmid int32) (*view.Abstract, error) {
	type word struct {
		unit     *corpus.Record
		document schemas.DocumentRow
	}
	last := map[int16]word{}
	units := s.History()
	for i := range units {
		unit := &units[i]
		if schemas.PMID(pmid) < unit.FirstPMID || schemas.PMID(pmid) > unit.LastPMID {
			continue
		}
		documents, err := findRows[schemas.DocumentRow](opened, unit, "documents", pmid)
		if err != nil {
			return nil, err
		}
		for _, d := range documents {
			last[d.Version] = word{unit, d}
		}
	}
	var current word
	for _, w := range last {
		switch deleted := w.document.IsDeleted; {
		case current.unit == nil, !deleted && current.document.IsDeleted,
			deleted == current.document.IsDeleted && w.document.Version > current.document.Version:
			current = w
		}
	}
	if current.unit == nil {
		return nil, nil
	}
	return readAbstract(opened, current.unit, current.document)
}

func readAbstract(opened *corpus.Corpus, unit *corpus.Record, d schemas.DocumentRow) (*view.Abstract, error) {
	mentions, err := findRows[schemas.MentionRow](opened, unit, "mentions", d.PMID)
	if err != nil {
		return nil, err
	}
	relations, err := findRows[schemas.RelationRow](opened, unit, "relations", d.PMID)
	if err != nil {
		return nil, err
	}
	summaries, err := findRows[schemas.SummaryRow](opened, unit, "summaries", d.PMID)
	if err != nil {
		return nil, err
	}
	answers, err := findRows[schemas.AnswerRow](opened, unit, "answers", d.PMID)
	if err != nil {
		return nil, err
	}
	a := &view.Abstract{
		Document:  d,
		Mentions:  slices.DeleteFunc(mentions, func(r schemas.MentionRow) bool { return r.Key != d.Key }),
		Relations: slices.DeleteFunc(relations, func(r schemas.RelationRow) bool { return r.Key != d.Key }),
		Summaries: slices.DeleteFunc(summaries, func(r schemas.SummaryRow) bool { return r.Key != d.Key }),
		Answers:   slices.DeleteFunc(answers, func(r schemas.AnswerRow) bool { return r.Key != d.Key }),
	}
	slices.SortStableFunc(a.Relations, func(x, y schemas.RelationRow) int { return cmp.Compare(y.Score, x.Score) })
	return a, nil
}

// findRows returns the rows of a PMID in one table of a unit.
func findRows[T any](opened *corpus.Corpus, unit *corpus.Record, table string, pmid int32) ([]T, error) {
	i := slices.IndexFunc(unit.Files, func(p corpus.File) bool { return p.Table == table })
	if i < 0 || unit.Files[i].Rows == 0 {
		return nil, nil
	}
	return parquetio.Find[T](opened.Path(unit.Files[i]), pmid)
}
