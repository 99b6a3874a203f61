package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/model/catalog"
)

// trainingFolder is the folder of a model that is being trained: the model's files, and below
// meta/training the state of training until they are whole.
type trainingFolder struct {
	out      modelTarget
	work     stateFolder
	finished bool // the model is whole, only the state of training was left
	close    func() error
}

// Where a model directory keeps what is not of the model.
const (
	metaKey     = "meta"
	trainingKey = metaKey + "/training"
)

// openTraining opens a folder to train in: one that is not there yet or empty, or one in which a
// training was begun. Nobody else trains in it until it is closed.
func openTraining(out string) (*trainingFolder, error) {
	dir := store.New(out, nil)
	entries, err := os.ReadDir(out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, usageError{err}
	}
	_, missing := dir.Stat(trainingKey)
	finished := false
	for _, e := range entries {
		finished = finished || e.Name() == catalog.CardFile
		if e.Name() != metaKey && missing != nil {
			return nil, usage("%s: it holds %s already: give a new folder", out, e.Name())
		}
	}
	release, err := dir.Lock(trainingKey + "/lock")
	if errors.Is(err, store.ErrLocked) {
		return nil, laterError{errors.New(out + ": another training is at work there")}
	}
	if err != nil {
		return nil, err
	}
	return &trainingFolder{
		out: modelTarget{dir}, work: stateFolder{modelTarget{dir}}, finished: finished, close: release,
	}, nil
}

// begin opens the folder of the model to be trained. Where the model is whole already it says so,
// and returns nil.
func (c *trainCommand) begin(w io.Writer) (*trainingFolder, error) {
	folder, err := openTraining(c.Out)
	if err != nil || !folder.finished {
		return folder, err
	}
	fmt.Fprintf(w, "%s is trained already.\n", c.Out)
	return nil, errors.Join(folder.clear(), folder.close())
}

// clear removes all but the model.
func (f *trainingFolder) clear() error { return f.out.Remove(metaKey) }

// stateFolder is where the state of training stands.
type stateFolder struct{ dir modelTarget }

// Open opens a file, or the folder itself under the name ".".
func (f stateFolder) Open(name string) (fs.File, error) {
	return f.dir.Dir.Open(path.Join(trainingKey, name))
}

// Write makes or replaces a file, durably.
func (f stateFolder) Write(name string, write func(io.Writer) error) (string, error) {
	return f.dir.Write(path.Join(trainingKey, name), write)
}

// Remove removes a file.
func (f stateFolder) Remove(name string) error { return f.dir.Remove(path.Join(trainingKey, name)) }
