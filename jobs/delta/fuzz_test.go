package delta

import (
	"encoding/json"
	"errors"
	"testing"
)

// FuzzDecode decodes any bytes as a commit: actions or ErrDamaged, never a panic. The decoded
// actions are still there after a checkpoint.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"commitInfo":{}}` + "\n" + `{"protocol":{"minReaderVersion":1}}` + "\n{\"metaData\":{}}"))
	f.Add([]byte(`{"add":{"path":"a","stats":"{\"numRecords\":1}"}}` + "\n" + `{"remove":{"path":"b"},"txn":null}`))
	f.Add([]byte(`{"add":null}` + "\n\n" + `{"commitInfo":{"operationParameters":[1],"engineInfo":"pubmine"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		actions, err := decode(data)
		if err != nil {
			if !errors.Is(err, ErrDamaged) || actions != nil {
				t.Fatalf("%v with error %v", actions, err)
			}
			return
		}
		s, again := newSnapshot(0), newSnapshot(0)
		s.apply(actions)
		if s.check() != nil {
			return
		}
		_, _ = s.files()
		checkpoint, err := encodeCheckpoint(s.actions())
		if err == nil {
			actions, err = decodeCheckpoint(checkpoint)
		}
		if err != nil {
			t.Fatal(err)
		}
		again.apply(actions)
		if len(again.adds) != len(s.adds) || len(again.removes) != len(s.removes) {
			before, _ := json.Marshal(s.actions())
			after, _ := json.Marshal(again.actions())
			t.Fatalf("%s became %s", before, after)
		}
	})
}
