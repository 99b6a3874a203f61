package corpus

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func example() Configuration {
	return Configuration{
		Schema: 1, Stages: map[string]int{
			"sentence": 1, "pubmed": 2,
		}, Model: "m@1", ModelDigest: "d", Tasks: []string{"ner", "summary"},
		Backend: "cpu", Precision: "float32", Chunk: 256, GroupTokens: 65536,
	}
}

// The fingerprint is fixed for ever: another one would make every corpus be computed again.
func TestFingerprintIsFixed(t *testing.T) {
	const want = "25c51a783bd4d5e26ba77fc2124e84f9495c36e1428cdcac60f43963edc3b0d1"
	if got := example().Fingerprint(); got != want {
		t.Errorf("got %s", got)
	}
}

// Every field but Parts, which follow from the others.
func TestEveryFieldChangesTheFingerprint(t *testing.T) {
	asked := example()
	asked.Parts = map[string]string{"ner": "d"}
	asked.Questions = []string{"Is it?"}
	asked.Vocabulary, asked.VocabularyDigest = "bundled@1", "d"
	whole := asked.Fingerprint()
	for i := range reflect.TypeFor[Configuration]().NumField() {
		s := asked
		reflect.ValueOf(&s).Elem().Field(i).SetZero()
		if (s.Fingerprint() == whole) != (s.Parts == nil) {
			t.Errorf("%s: changed %v", reflect.TypeFor[Configuration]().Field(i).Name, s.Fingerprint() != whole)
		}
	}
	swapped := asked
	swapped.Tasks = []string{"summary", "ner"}
	if swapped.Fingerprint() == whole {
		t.Error("the order of tasks is not in the fingerprint")
	}
}

func TestUnitKeySeparatesItsParts(t *testing.T) {
	if unitKey("a", "bc") == unitKey("ab", "c") {
		t.Error("keys of different work are equal")
	}
}

func TestSameContent(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"x", "x", true}, {"x", "y", false}, {"x:limit=10", "x", true}, {"x:limit=10", "x:limit=20", true},
		{"x:1", "y:1", false},
	} {
		if got := sameContent(c.a, c.b); got != c.want {
			t.Errorf("sameContent(%q, %q) is %v", c.a, c.b, got)
		}
	}
}

func TestPathsAreInverted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200_000).Draw(t, "n")
		if got := chunkNumber(chunkPath("meta/work/u-0", n)); got != n {
			t.Errorf("chunk %d is read as %d", n, got)
		}
		if got, ok := commitVersion(commitPath(int64(n))); got != int64(n) || !ok {
			t.Errorf("commit %d is read as %d", n, got)
		}
		if got, ok := checkpointVersion(checkpointPath(int64(n))); got != int64(n) || !ok {
			t.Errorf("checkpoint %d is read as %d", n, got)
		}
	})
	for _, p := range []string{
		"meta/log/1.json", "meta/log/x.json", "meta/log/-000000001.json", "meta/log/0000000001.json.tmp",
	} {
		if _, ok := commitVersion(p); ok {
			t.Errorf("%s is read as a commit", p)
		}
	}
	for _, p := range []string{"w/chunk-1.arrow", "w/chunk-.arrow", "w/chunk--001.arrow", "w/0001.arrow"} {
		if chunkNumber(p) != -1 {
			t.Errorf("%s is read as a chunk", p)
		}
	}
}
