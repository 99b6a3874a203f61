package models_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/pubmine/pubmine/jobs/modeldir"
	"github.com/pubmine/pubmine/jobs/models"
	"github.com/pubmine/pubmine/model/catalog"
	"github.com/pubmine/pubmine/schemas"
)

func TestOpen(t *testing.T) {
	m, err := models.Open(catalog.Bundled)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if m.Card == nil || m.Pieces == 0 || m.Config.Layers == 0 {
		t.Errorf("%+v", m)
	}
	var bad *schemas.BadInputError
	for _, name := range []string{"nosuch", t.TempDir()} {
		if _, err := models.Open(name); !errors.As(err, &bad) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// checkpoint writes the files of the bundled model, without its card, into a directory.
func checkpoint(t *testing.T) string {
	t.Helper()
	m, err := catalog.Resolve(catalog.Bundled)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"config.json", "model.safetensors", "vocab.json", "merges.txt"} {
		data, err := fs.ReadFile(m.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestConvert(t *testing.T) {
	c := models.Conversion{
		In: checkpoint(t), Out: filepath.Join(t.TempDir(), "out"), Name: "mine", Licence: "MIT",
	}
	m, err := models.Convert(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	made, err := catalog.Resolve(c.Out)
	if err != nil {
		t.Fatal(err)
	}
	if card := made.Card; card.Name != "mine" || card.Licence != "MIT" || card.Window != m.Config.MaxPositions {
		t.Errorf("%+v", card)
	}
	if _, err := models.Convert(c); !errors.Is(err, modeldir.ErrComplete) {
		t.Errorf("into a complete model: %v", err)
	}
	c.Out, c.Template = filepath.Join(t.TempDir(), "out"), "hoc"
	if _, err := models.Convert(c); !errors.Is(err, models.ErrTemplate) {
		t.Errorf("without soft tokens: %v", err)
	}
}
