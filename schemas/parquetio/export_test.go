package parquetio

// Read returns all rows of a file of row type T.
func Read[T any](path string) ([]T, error) {
	var rows []T
	for row, err := range Scan[T](path) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// Info is the content of a footer.
type Info struct {
	Table    string
	Rows     int64
	Metadata map[string]string
}

// Stat reads a file's Info from its footer.
func Stat(path string) (Info, error) {
	file, err := openFile(path)
	if err != nil {
		return Info{}, err
	}
	defer file.Close()
	info := Info{Rows: file.parquet.NumRows(), Metadata: map[string]string{}}
	for _, kv := range file.parquet.Metadata().KeyValueMetadata {
		info.Metadata[kv.Key] = kv.Value
	}
	info.Table = info.Metadata[KeyTable]
	return info, nil
}
