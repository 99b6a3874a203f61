package corpus_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/jobs/store/storetest"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/pipeline/pipelinetest"
	"github.com/pubmine/pubmine/schemas"
)

// preview is mine with a Preview in place of the corpus. It returns the snapshot after the run.
func preview(
	root string, source pipeline.Source, spec corpus.Configuration, o corpus.Options,
) (report pipeline.Report, _ corpus.Snapshot, err error) {
	sink, err := corpus.Preview(root, spec, o)
	if err != nil {
		return report, corpus.Snapshot{}, err
	}
	report, err = pipeline.Preview(context.Background(), pipeline.Pipeline{
		Source: source, Preparer: pipelinetest.Preparer{Window: 2}, Encoder: &pipelinetest.Encoder{Width: 2},
		Tasks: []pipeline.Task{pipelinetest.Task{Label: "Chemical"}}, Sink: sink, Model: spec.Model,
		Options: pipeline.Options{Chunk: spec.Chunk, GroupTokens: spec.GroupTokens, Workers: 2},
	}, func(schemas.Unit, pipeline.Previewed) {})
	return report, sink.Snapshot(), errors.Join(err, sink.Close())
}

// sameAnnouncement compares snapshots except for times, files and numbers of rows, which a preview
// does not know.
var sameAnnouncement = cmp.Options{
	cmpopts.IgnoreFields(corpus.Snapshot{}, "ID", "Version", "Time", "Removed"),
	cmpopts.IgnoreFields(corpus.Edition{}, "Created"),
	cmpopts.IgnoreFields(corpus.Part{}, "Time", "Files"),
	cmpopts.IgnoreFields(corpus.Record{}, "Sequence", "FirstPMID", "LastPMID", "Counts", "Chunks"),
	cmpopts.EquateEmpty(),
}

// Whatever happened before, a preview announces the units, editions and refusals of the run that
// follows, and changes nothing.
func TestPreviewIsWhatHappens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		root := filepath.Join(t.TempDir(), "C")
		if dir, err := os.MkdirTemp("/dev/shm", "pubmine-*"); err == nil {
			defer os.RemoveAll(dir)
			root = filepath.Join(dir, "C")
		}
		boom := error(syscall.EIO)
		for range rapid.IntRange(1, 5).Draw(rt, "runs") {
			units := source()
			if rapid.Bool().Draw(rt, "other content") {
				units[0] = pipelinetest.NewUnit("a", 400, 9)
			}
			units = units[rapid.IntRange(0, 2).Draw(rt, "first"):]
			var in pipeline.Source = units
			if n := rapid.SampledFrom([]int{0, 3, 11}).Draw(rt, "limit"); n > 0 {
				in = pipeline.Limit(units, n)
			}
			spec := spec(rapid.SampledFrom([]string{"m1", "m2"}).Draw(rt, "model"))
			if rapid.Bool().Draw(rt, "no tasks") {
				spec.Tasks = nil
			}
			o := corpus.Options{
				Replace: rapid.Bool().Draw(rt, "replace"), DropTables: rapid.Bool().Draw(rt, "drop tables"),
			}
			before := storetest.States(rt, root)
			announced, plan, refused := preview(root, in, spec, o)
			if diff := cmp.Diff(before, storetest.States(rt, root)); diff != "" {
				rt.Fatalf("a preview changed the corpus:\n%s", diff)
			}
			stop := rapid.IntRange(0, 200).Draw(rt, "I/O before a fault")
			if rapid.Bool().Draw(rt, "undisturbed") {
				stop = 1 << 30
			}
			o.Fault = func(string, string) error {
				if stop--; stop < 0 {
					return boom
				}
				return nil
			}
			report, err := mine(root, in, spec, o)
			if errors.Is(err, boom) {
				continue
			}
			if (err == nil) != (refused == nil) || err != nil && err.Error() != refused.Error() {
				rt.Fatalf("announced %v, happened %v", refused, err)
			}
			if err != nil {
				continue
			}
			report.Counts, report.Waits = announced.Counts, announced.Waits
			message := cmp.Comparer(func(a, b *schemas.BadInputError) bool { return a.Error() == b.Error() })
			if diff := cmp.Diff(announced, report, message); diff != "" {
				rt.Errorf("(-announced +done):\n%s", diff)
			}
			now, err := corpus.ReadSnapshot(root)
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(plan, now, sameAnnouncement); diff != "" {
				rt.Errorf("(-announced +happened):\n%s", diff)
			}
		}
	})
}

func TestPreviewWritesNothing(t *testing.T) {
	root := filepath.Join(t.TempDir(), "C")
	sink, err := corpus.Preview(root, spec("m1"), corpus.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := sink.Target(); !got.Begins || got.Edition != 1 || got.Difference != "" {
		t.Errorf("%+v", got)
	}
	if _, err := os.Stat(root); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is something: %v", err)
	}
	if err := os.WriteFile(root, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := corpus.Preview(root, spec("m1"), corpus.Options{}); !errors.Is(err, corpus.ErrNotCorpus) {
		t.Errorf("a file: %v", err)
	}
}
