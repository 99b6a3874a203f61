package schemas

import "slices"

// VectorRow is a row of table vectors.
type VectorRow struct {
	Key
	Vector []float32 `parquet:"vector,list"` // of length 1 (L2); of the same number of values for every row of a model
	Model  string    `parquet:"model,dict"`
}

func (b *rowBuilder) addVector(v []float32) *Reject {
	if !allFinite(v) {
		return &Reject{Stage: TaskVectors, Kind: "bad-score", Message: "a value of the vector is not a number"}
	}
	b.rows.Vectors = append(b.rows.Vectors, VectorRow{Key: b.key, Vector: slices.Clone(v), Model: b.from.Model})
	return nil
}

func allFinite(values []float32) bool {
	return !slices.ContainsFunc(values, func(x float32) bool { return !finite(x) })
}
