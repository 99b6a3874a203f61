package main

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
	"github.com/pubmine/pubmine/model/convert"
	"github.com/pubmine/pubmine/sources/fetch"
	"github.com/pubmine/pubmine/sources/hub"
)

// modelPullCommand is pubmine model pull.
type modelPullCommand struct {
	Name     string `arg:"" help:"biogpt, biogpt-large, biogpt-large-pubmedqa, or a model of the Hub as owner/name."`
	Revision string `help:"Commit, branch or tag, in place of the one that is pinned."`
	URL      string `name:"url" env:"PUBMINE_HUB_URL" default:"${hubURL}" help:"The Hub, or a mirror of it."`
}

// Run runs the command.
func (c *modelPullCommand) Run(ctx context.Context, std streams) error {
	published, err := hub.Find(c.Name)
	if err != nil {
		return usageError{err}
	}
	name := cmp.Or(published.Name, strings.ReplaceAll(published.Repo, "/", "--"))
	if dir, ok := catalog.Kept(name); ok {
		return usage("%s is there already: remove it first to pull it again", dir)
	}
	folder, err := catalog.Folder()
	if err != nil {
		return err
	}
	client, err := hub.New(c.URL, fetch.Patience{})
	if err != nil {
		return usageError{err}
	}
	m, err := client.Model(ctx, published.Repo, cmp.Or(c.Revision, published.Revision))
	if err != nil {
		return pullError(err)
	}
	downloads := filepath.Join(folder, ".downloads", name+"@"+m.Commit)
	if err := os.MkdirAll(downloads, 0o777); err != nil {
		return err
	}
	if err := fetchAll(ctx, client, m, downloads, std); err != nil {
		return pullError(err)
	}
	card := catalog.Card{Name: name, Version: m.Commit, Licence: published.Licence,
		Description: fmt.Sprintf("Converted from %s of the Hugging Face Hub at %s.", m.Repo, m.Commit)}
	if err := convertPulled(downloads, filepath.Join(folder, name), card); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "%s\n", filepath.Join(folder, name))
	return os.RemoveAll(downloads)
}

// pullError gives an error of a download its exit code.
func pullError(err error) error {
	switch {
	case errors.Is(err, fetch.ErrNetwork):
		return laterError{err}
	case errors.Is(err, hub.ErrUnknown), errors.Is(err, hub.ErrContent):
		return badInput("model pull", err)
	}
	return err
}

// fetchAll downloads the files that a model directory needs.
func fetchAll(ctx context.Context, client *hub.Client, m *hub.Model, dir string, std streams) error {
	needed, err := m.Needed()
	if err != nil {
		return badInput("model pull", err)
	}
	for _, f := range needed {
		said := time.Now()
		told := func(bytes int64) {
			if time.Since(said) > 2*time.Second {
				said = time.Now()
				fmt.Fprintf(std.err, "%s: %.0f of %.0f MB\n", f.Name, float64(bytes)/1e6, float64(f.Size)/1e6)
			}
		}
		if err := client.Fetch(ctx, m, f, store.New(dir, nil), told); err != nil {
			return err
		}
		fmt.Fprintf(std.err, "%s: whole, %s\n", f.Name, f.SHA256+f.Blob)
	}
	return nil
}

func convertPulled(from, to string, card catalog.Card) error {
	m, err := convert.Open(convert.Source{Path: from, Dir: os.DirFS(from), Vocabulary: os.DirFS(from)})
	if err != nil {
		return err
	}
	defer m.Close()
	card.Window = m.Config.MaxPositions
	return writeDirectory(m, to, card)
}
