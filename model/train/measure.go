package train

import (
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
