package schemas

// Rows are the rows of every table that one record gives.
type Rows struct{}
