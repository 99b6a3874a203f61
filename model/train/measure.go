package train

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pubmine/pubmine/model"
	"github.com/pubmine/pubmine/model/heads"
	"github.com/pubmine/pubmine/model/train/score"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/stages/ner"
)

// measure scores a tagger on every development part, through the stage that a run uses.
func (s *session) measure(tagger *heads.Tagger) (map[string]score.Table, error) {
	stage := ner.New(tagger)
	tables := map[string]score.Table{}
	for i := range s.all {
		e := &s.all[i]
		if e.Split != "dev" {
			continue
		}
		var a schemas.Annotations
		if err := stage.Annotate(s.prepare.Prepare(e.Doc), model.States{}, &a); err != nil {
			return nil, err
		}
		name := e.Corpus + "/" + e.Split
		if tables[name] == nil {
			tables[name] = score.Table{}
		}
		tables[name].Mentions(e, a.Mentions)
	}
	return tables, nil
}

// summary is the measures in one line.
func (s *session) summary() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s.measured)) {
		table := s.measured[name]
		fmt.Fprintf(&b, "%s %.1f", name, 100*table.Micro().F1())
		for _, typ := range table.Types() {
			fmt.Fprintf(&b, " %s %.1f", typ, 100*table[typ].F1())
		}
		b.WriteString("; ")
	}
	return b.String()
}
