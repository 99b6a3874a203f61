package status

import (
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/schemas/parquetio"
)

// Rejects calls use for the rows of table rejects of the edition that readers see.
func Rejects(root string, use func(schemas.RejectRow) error) error {
	opened, err := corpus.Open(root)
	if err != nil {
		return err
	}
	e, err := opened.Current()
	if err != nil {
		return err
	}
	for _, f := range e.Files("rejects") {
		for row, err := range parquetio.Scan[schemas.RejectRow](opened.Path(f)) {
			if err != nil {
				return err
			}
			if err := use(row); err != nil {
				return err
			}
		}
	}
	return nil
}
