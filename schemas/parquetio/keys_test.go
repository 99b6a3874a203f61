package parquetio

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/schemas"
)

func TestReadKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "documents.parquet")
	var records []schemas.Rows
	var want Keys
	for i := range 5000 {
		key := schemas.Key{PMID: int32(i * 7 % 5000), Version: int16(1 + i%3), Unit: "u"}
		row := schemas.DocumentRow{Key: key, IsDeleted: i%5 == 0 || i > 4000}
		records = append(records, schemas.Rows{Documents: []schemas.DocumentRow{row}})
		want.PMID, want.Version = append(want.PMID, key.PMID), append(want.Version, int32(key.Version))
		want.Deleted = append(want.Deleted, row.IsDeleted)
	}
	if err := os.WriteFile(path, write(t, schemas.Tables()[0], records), 0o666); err != nil {
		t.Fatal(err)
	}
	got, err := ReadKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
