package catalog

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/pubmine/pubmine/model/folder"
)

// folderEnv is the environment variable with the folder of models.
const folderEnv = "PUBMINE_MODELS"

// Folder returns the folder of models: the value of the environment variable PUBMINE_MODELS, or
// pubmine/models in the user's cache.
func Folder() (string, error) { return folder.Of("models", folderEnv) }

// nameForm is the form of names of models in the folder.
var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// Kept returns the directory of a name in the folder of models, and whether it holds a model: it
// does if it has a card.
func Kept(name string) (dir string, ok bool) {
	parent, err := Folder()
	if err != nil || !nameForm.MatchString(name) {
		return "", false
	}
	dir = filepath.Join(parent, name)
	_, err = os.Stat(filepath.Join(dir, CardFile))
	return dir, err == nil
}

// Names returns the names of the models in the folder.
func Names() ([]string, error) {
	dir, err := Folder()
	if err != nil {
		return nil, err
	}
	names, err := folder.List(dir)
	return slices.DeleteFunc(names, func(name string) bool { _, ok := Kept(name); return !ok }), err
}
