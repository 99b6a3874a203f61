package modeldir

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/model/catalog"
)

// What a model directory holds beside the model, until it is complete. The lock marks a directory
// as ours.
const (
	metaKey  = "meta"
	lockKey  = metaKey + "/model.lock"
	stateKey = metaKey + "/training"
)

var (
	// ErrTaken means that the directory holds files that are not of a model.
	ErrTaken = errors.New("give a new directory")
	// ErrComplete means that the directory holds a complete model.
	ErrComplete = errors.New("it holds a complete model already: remove it, or give a new directory")
	// ErrFinished means that an earlier attempt ended after it had completed the model.
	ErrFinished = errors.New("an earlier attempt completed the model")
)

// Options of Create. The zero value is usable.
type Options struct {
	// Replace makes Commit replace a complete model. Without it Create refuses one.
	Replace bool
	// Fault is called before every I/O, for tests, as package store does.
	Fault func(op, path string) error
}

// Writer writes one model directory. It is not safe for concurrent use.
type Writer struct {
	path    string
	files   *store.Dir
	staged  map[string]*store.File
	sums    map[string]string
	release func() error // nil once closed
	partial bool         // files without a card are there: the lock must stay
}

// Create locks a directory for writing a model; a directory locked by another process is
// store.ErrLocked. The caller ends with Close, also after Commit.
func Create(dir string, o Options) (*Writer, error) {
	w := &Writer{
		path: dir, files: store.New(dir, o.Fault),
		staged: map[string]*store.File{}, sums: map[string]string{},
	}
	found, err := w.look()
	if err != nil {
		return nil, err
	}
	switch {
	case found.complete && !found.begun && !o.Replace:
		return nil, fmt.Errorf("%s: %w", dir, ErrComplete)
	case !found.complete && !found.begun && len(found.files) > 0:
		return nil, fmt.Errorf("%s: it holds %s already: %w", dir, found.files[0], ErrTaken)
	}
	if w.release, err = w.files.Lock(lockKey); err != nil {
		return nil, fmt.Errorf("%s: another command writes this model: %w", dir, err)
	}
	if err := w.takeUp(o.Replace); err != nil {
		return nil, errors.Join(err, w.unlock())
	}
	return w, nil
}

// found is the content of a directory.
type found struct {
	complete bool     // there is a card
	begun    bool     // there is a lock
	files    []string // other names
}

func (w *Writer) look() (f found, err error) {
	entries, err := os.ReadDir(w.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f, fmt.Errorf("%w: %w", err, ErrTaken)
	}
	meta, err := w.files.List(metaKey)
	if err != nil {
		return f, err
	}
	f.begun = slices.Contains(meta, lockKey)
	for _, e := range entries {
		switch {
		case e.Name() == catalog.CardFile:
			f.complete = true
		case e.Name() != metaKey || !f.begun && len(meta) > 0:
			f.files = append(f.files, e.Name())
		}
	}
	return f, nil
}

// takeUp looks at the directory again, now that it is locked, and removes what an earlier attempt
// left.
func (w *Writer) takeUp(replace bool) error {
	found, err := w.look()
	switch {
	case err != nil:
		return err
	case !found.begun: // another command removed the lock while this one took it
		return fmt.Errorf("%s: another command wrote this model: %w", w.path, store.ErrLocked)
	case found.complete && !replace:
		return errors.Join(fmt.Errorf("%s: %w", w.path, ErrFinished), w.clear())
	}
	w.partial = !found.complete && len(found.files) > 0
	return w.files.Remove(store.Temp)
}

// clear removes all but the model, the lock last.
func (w *Writer) clear() error {
	for _, key := range []string{stateKey, store.Temp, lockKey} {
		if err := w.files.Remove(key); err != nil {
			return err
		}
	}
	if left, err := w.files.List(metaKey); err != nil || len(left) > 0 {
		return err
	}
	return w.files.Remove(metaKey)
}

// Write stages a file of what write writes, replacing a staged file of the same name, and returns
// its sha256 in hex.
func (w *Writer) Write(name string, write func(io.Writer) error) (sum string, err error) {
	if name == catalog.CardFile || name == metaKey || !catalog.IsFile(name) {
		return "", fmt.Errorf("%q cannot be the name of a file of a model", name)
	}
	f, err := fill(w.files, write)
	if err != nil {
		return "", err
	}
	if earlier := w.staged[name]; earlier != nil {
		earlier.Discard()
	}
	w.staged[name], w.sums[name] = f, f.Sum()
	return f.Sum(), nil
}

// Put stages a file.
func (w *Writer) Put(name string, data []byte) error {
	_, err := w.Write(name, func(out io.Writer) error {
		_, err := out.Write(data)
		return err
	})
	return err
}

// Open opens a staged file for reading.
func (w *Writer) Open(name string) (fs.File, error) {
	f := w.staged[name]
	if f == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return os.Open(f.Path())
}

// fill writes a temporary file and makes it durable.
func fill(files *store.Dir, write func(io.Writer) error) (*store.File, error) {
	f, err := files.Create()
	if err != nil {
		return nil, err
	}
	buffered := bufio.NewWriterSize(f, 1<<18)
	if err := errors.Join(write(buffered), buffered.Flush()); err != nil {
		f.Discard()
		return nil, err
	}
	return f, f.Seal()
}

// Commit publishes the staged files, then the card with their digests. It removes the state of
// training, and nothing can be written afterwards.
func (w *Writer) Commit(card catalog.Card) error {
	card.SHA256 = maps.Clone(w.sums)
	text, err := json.MarshalIndent(card, "", "  ")
	if err != nil {
		return fmt.Errorf("%s: %w", catalog.CardFile, err)
	}
	if _, err := catalog.ParseCard(text); err != nil {
		return err
	}
	w.partial = true
	if err := w.retract(); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(w.staged)) {
		if err := w.staged[name].Publish(name); err != nil {
			return err
		}
	}
	if err := w.files.Put(catalog.CardFile, append(text, '\n')); err != nil {
		return err
	}
	w.partial = false
	return errors.Join(w.clear(), w.unlock())
}

// retract removes the card of an earlier model, durably, and then the files that it lists.
func (w *Writer) retract() error {
	text, err := w.files.Get(catalog.CardFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := errors.Join(w.files.Remove(catalog.CardFile), w.files.SyncDir(".")); err != nil {
		return err
	}
	earlier, err := catalog.ParseCard(text)
	if err != nil {
		return nil // the card of another program, which lists no files for us
	}
	for _, name := range slices.Sorted(maps.Keys(earlier.SHA256)) {
		if w.staged[name] != nil {
			continue
		}
		if err := w.files.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

// Close discards what was staged and unlocks the directory. The state of training stays. After
// Commit it does nothing.
func (w *Writer) Close() error {
	if w.release == nil {
		return nil
	}
	for _, f := range w.staged {
		f.Discard()
	}
	state, err := w.files.List(stateKey)
	if err == nil && len(state) == 0 && !w.partial {
		err = w.clear()
	}
	return errors.Join(err, w.unlock())
}

func (w *Writer) unlock() error {
	release := w.release
	w.release = nil
	return release()
}

// State is the state of a training that can be resumed: the files that a trainer keeps between its
// runs.
type State struct{ files *store.Dir }

// State returns the state of training in the directory.
func (w *Writer) State() State { return State{w.files} }

// Open opens a file for reading, or the folder itself under the name ".".
func (s State) Open(name string) (fs.File, error) {
	f, err := s.files.Open(path.Join(stateKey, name))
	if err != nil { // not a nil *os.File in an interface
		return nil, err
	}
	return f, nil
}

// Write makes or replaces a file, durably, and returns its sha256 in hex.
func (s State) Write(name string, write func(io.Writer) error) (sum string, err error) {
	f, err := fill(s.files, write)
	if err != nil {
		return "", err
	}
	return f.Sum(), f.Publish(path.Join(stateKey, name))
}

// Remove removes a file. A file that does not exist is no error.
func (s State) Remove(name string) error { return s.files.Remove(path.Join(stateKey, name)) }
