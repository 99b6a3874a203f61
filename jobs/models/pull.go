package models

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/hub"
)

// ErrExists means that the user's directory of models has a model of this name.
var ErrExists = errors.New("it exists already: remove it to pull it again")

// progressInterval is the time between two reports on a download.
const progressInterval = 2 * time.Second

// Download is a model to pull from the Hub.
type Download struct {
	Model    hub.Published
	Revision string // empty for the pinned one
	Client   *hub.Client
	Report   func(format string, args ...any) // prints a line on the progress
}

// Pull downloads a model, converts it, and returns its directory.
func Pull(ctx context.Context, d Download) (string, error) {
	name := cmp.Or(d.Model.Name, strings.ReplaceAll(d.Model.Repo, "/", "--"))
	if dir, ok := catalog.Kept(name); ok {
		return "", fmt.Errorf("%s: %w", dir, ErrExists)
	}
	folder, err := catalog.Folder()
	if err != nil {
		return "", err
	}
	m, err := d.Client.Model(ctx, d.Model.Repo, cmp.Or(d.Revision, d.Model.Revision))
	if err != nil {
		return "", badDownload(err)
	}
	downloads, dir := filepath.Join(folder, ".downloads", name+"@"+m.Commit), filepath.Join(folder, name)
	if err := os.MkdirAll(downloads, 0o777); err != nil {
		return "", err
	}
	if err := d.fetch(ctx, m, downloads); err != nil {
		return "", badDownload(err)
	}
	card := catalog.Card{Name: name, Version: m.Commit, Licence: d.Model.Licence,
		Description: fmt.Sprintf("Converted from %s of the Hugging Face Hub at %s.", m.Repo, m.Commit)}
	if err := convertPulled(ctx, downloads, dir, card); err != nil {
		return "", err
	}
	return dir, os.RemoveAll(downloads)
}

// badDownload makes a bad input of a model that does not exist or whose files differ from what the
// Hub announces.
func badDownload(err error) error {
	if errors.Is(err, hub.ErrUnknown) || errors.Is(err, hub.ErrContent) {
		return &schemas.BadInputError{Path: "model pull", Err: err}
	}
	return err
}

// fetch downloads the files that a model directory needs.
func (d *Download) fetch(ctx context.Context, m *hub.Model, dir string) error {
	needed, err := m.Needed()
	if err != nil {
		return &schemas.BadInputError{Path: "model pull", Err: err}
	}
	for _, f := range needed {
		last := time.Now()
		progress := func(bytes int64) {
			if time.Since(last) > progressInterval {
				last = time.Now()
				d.Report("%s: %.0f of %.0f MB", f.Name, float64(bytes)/1e6, float64(f.Size)/1e6)
			}
		}
		if err := d.Client.Fetch(ctx, m, f, store.New(dir, nil), progress); err != nil {
			return err
		}
		d.Report("%s: complete, digest %s", f.Name, f.SHA256+f.Blob)
	}
	return nil
}
