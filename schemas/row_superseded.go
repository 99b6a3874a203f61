package schemas

// SupersededRow is a row of table superseded: it stands for a record that a later one with the same
// key, in the unit ByUnit, made out of date. In the files ByUnit is the row's own unit; what units
// do to each other is derived: see package jobs.
type SupersededRow struct {
	Key
	ByUnit string `parquet:"by_unit,dict"`
	Reason string `parquet:"reason,dict"` // ReasonRevised or ReasonDeleted
}

// Why rows were superseded.
const (
	ReasonRevised = "revised"
	ReasonDeleted = "deleted"
)
