package schemas

// SupersededRow is a row of table superseded: a record that was replaced by a later one with the
// same pmid and version, in the unit ByUnit. In the files ByUnit is the row's own unit;
// replacements by later units are derived in package corpus.
type SupersededRow struct {
	Key
	ByUnit string `parquet:"by_unit,dict"`
	Reason string `parquet:"reason,dict"` // ReasonRevised or ReasonDeleted
}

// The reasons for which a record was replaced.
const (
	ReasonRevised = "revised"
	ReasonDeleted = "deleted"
)
