package schemas

// SupersededRow is a row of table superseded: it names, by its key, rows that a later unit made out of date.
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
