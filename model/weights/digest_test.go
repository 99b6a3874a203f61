package weights_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model/weights"
)

func digestOf(t *testing.T, prefix string, metadata map[string]string, tensors ...weights.Tensor) string {
	t.Helper()
	var file bytes.Buffer
	if err := weights.Write(&file, tensors, metadata); err != nil {
		t.Fatal(err)
	}
	f, err := weights.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := f.Digest(func(name string) bool { return strings.HasPrefix(name, prefix) })
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// A digest changes with the chosen tensors and metadata and with nothing else.
func TestDigest(t *testing.T) {
	type metadata = map[string]string
	tensor := func(name string, x ...float32) weights.Tensor { return weights.FromFloat32s(name, x, len(x)) }
	a, b, one := tensor("a.x", 1, 2), tensor("b", 3), metadata{"a": "1"}
	base := digestOf(t, "a", one, a, b)
	for name, same := range map[string]string{
		"another tensor changed":  digestOf(t, "a", one, a, tensor("b")),
		"another tensor is lost":  digestOf(t, "a", one, a),
		"other metadata is added": digestOf(t, "a", metadata{"a": "1", "b": "1"}, a, b),
		"a tensor before it":      digestOf(t, "a", one, a, tensor("A", make([]float32, 9)...)),
	} {
		if same != base {
			t.Errorf("%s: the digest changed", name)
		}
	}
	for name, other := range map[string]string{
		"value":          digestOf(t, "a", one, tensor("a.x", 1, 3), b),
		"shape":          digestOf(t, "a", one, weights.FromFloat32s("a.x", []float32{1, 2}, 1, 2), b),
		"name":           digestOf(t, "a", one, tensor("a.y", 1, 2), b),
		"metadata":       digestOf(t, "a", metadata{"a": "2"}, a, b),
		"metadata added": digestOf(t, "a", metadata{"a": "1", "a.y": ""}, a, b),
		"tensor added":   digestOf(t, "a", one, a, b, tensor("a.z")),
	} {
		if other == base {
			t.Errorf("%s: the digest did not change", name)
		}
	}
}

// cut is a reader of a file that has become shorter.
type cut struct{ *bytes.Reader }

func (c cut) ReadAt(p []byte, at int64) (int, error) {
	if at > c.Size()-8 {
		return 0, io.EOF
	}
	return c.Reader.ReadAt(p, at)
}

func TestDigestOfTruncatedFile(t *testing.T) {
	var file bytes.Buffer
	if err := weights.Write(&file, []weights.Tensor{
		weights.FromFloat32s("a", []float32{1}, 1), weights.FromFloat32s("b", []float32{1}, 1),
	}, nil); err != nil {
		t.Fatal(err)
	}
	f, err := weights.Open(cut{bytes.NewReader(file.Bytes())}, int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Digest(func(string) bool { return true }); err == nil || !strings.Contains(err.Error(), `"b"`) {
		t.Errorf("got %v", err)
	}
}
