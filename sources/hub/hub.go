// Package hub downloads the files of a published model from the Hugging Face Hub, or from a mirror
// of it.
//
// It sends the requests of huggingface_hub:
//
//	GET BASE/api/models/REPO/revision/REVISION?blobs=true
//	    JSON: "sha" is the commit, "siblings" are the files, each with "rfilename", "size",
//	    "blobId" and, if it is stored in LFS, "lfs.sha256"
//	GET BASE/REPO/resolve/COMMIT/FILE
//	    redirects to the content of the file
//
// A revision is a branch, a tag or a commit. It is resolved to a commit once, which must be the
// revision itself if that is a commit, and every file is requested at it, so that a change of the
// branch in between cannot mix two versions. A file must have the announced size and the sha256 of
// LFS or, outside LFS, the SHA-1 that git gives its content (the blobId). Package fetch resumes and
// verifies downloads. A server that announces wrong files for a commit cannot be detected.
//
// Redirects are followed to https only, or to http if the base URL is http, as that of a mirror on
// the same machine is.
package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"github.com/pubmine/pubmine/sources/fetch"
)

// DefaultURL is the URL of the Hub.
const DefaultURL = "https://huggingface.co"

var (
	// ErrUnknown means that the Hub has no such model, revision or file that is public.
	ErrUnknown = errors.New("the Hub has nothing public of this name")
	// ErrContent means that a reply or a file is not what the Hub announces.
	ErrContent = errors.New("the content is not what the Hub announces")
)

const (
	maxDescription = 16 << 20 // bytes
	maxFile        = 64 << 30 // bytes; the largest published BioGPT has 6.3 GB
)

// Model is a revision of a model.
type Model struct {
	Repo   string // owner/name
	Commit string
	Files  []File
}

// File is a file of a model.
type File struct {
	Name   string
	Size   int64
	SHA256 string // in hex, if the file is in LFS
	Blob   string // git's SHA-1 in hex, if it is not
}

// Find returns the file of a name, and whether there is one.
func (m *Model) Find(name string) (File, bool) {
	i := slices.IndexFunc(m.Files, func(f File) bool { return f.Name == name })
	if i < 0 {
		return File{}, false
	}
	return m.Files[i], true
}

// Client sends requests to a Hub.
type Client struct {
	base   *url.URL
	client *fetch.Client
}

// New returns a client of the Hub at a URL.
func New(base string, p fetch.Patience) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("this is not the URL of a server: it must begin with https:// or http://")
	}
	return &Client{base: u, client: fetch.New(fetch.Options{Patience: p, CheckRedirect: stayOn(u.Scheme)})}, nil
}

// stayOn follows redirects to https and to the scheme of the base URL.
func stayOn(scheme string) func(next *http.Request, via []*http.Request) error {
	return func(next *http.Request, via []*http.Request) error {
		if next.URL.Scheme != "https" && next.URL.Scheme != scheme {
			return fmt.Errorf("a redirect leaves https for %s", next.URL)
		}
		if len(via) > 5 {
			return errors.New("more than five redirects")
		}
		return nil
	}
}

// The forms of the names of models, files and commits. The path of a file must not leave its
// folder.
var (
	repoForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$`)
	fileForm = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*$`)
	hexForm  = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)
)

// Model looks up a revision of a model. If that is a commit, the server must not answer with
// another one. Files in folders, and those with unusual names, are omitted.
func (c *Client) Model(ctx context.Context, repo, revision string) (*Model, error) {
	if !repoForm.MatchString(repo) {
		return nil, fmt.Errorf("%q is not of the form owner/name", repo)
	}
	u := c.base.JoinPath("api", "models", repo, "revision", url.PathEscape(revision))
	u.RawQuery = "blobs=true"
	var m *Model
	err := c.client.Get(ctx, u.String(), maxDescription, func(data []byte) (err error) {
		m, err = parseModel(data)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s at %s: %w", repo, revision, classify(err))
	}
	if hexForm.MatchString(revision) && m.Commit != revision {
		return nil, fmt.Errorf(
			"%s at %s: %w: the server answers with commit %s: use another server, or ask for that commit",
			repo, revision, ErrContent, m.Commit,
		)
	}
	m.Repo = repo
	return m, nil
}

// classify turns the statuses by which the Hub hides private models into ErrUnknown.
func classify(err error) error {
	var status *fetch.StatusError
	if !errors.As(err, &status) {
		return err
	}
	switch status.Code {
	case http.StatusNotFound, http.StatusUnauthorized, http.StatusForbidden, http.StatusGone:
		return fmt.Errorf("%w: %w", ErrUnknown, err)
	}
	if !errors.Is(err, fetch.ErrNetwork) {
		err = fmt.Errorf("%w: %w", fetch.ErrNetwork, err)
	}
	return err
}

func parseModel(data []byte) (*Model, error) {
	var described struct {
		SHA      string `json:"sha"`
		Siblings []struct {
			Name   string `json:"rfilename"`
			Size   int64  `json:"size"`
			BlobID string `json:"blobId"`
			LFS    struct {
				SHA256 string `json:"sha256"`
				Size   int64  `json:"size"`
			} `json:"lfs"`
		} `json:"siblings"`
	}
	if err := json.Unmarshal(data, &described); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContent, err)
	}
	if !hexForm.MatchString(described.SHA) {
		return nil, fmt.Errorf("%w: no commit", ErrContent)
	}
	m := &Model{Commit: described.SHA}
	for _, s := range described.Siblings {
		f := File{Name: s.Name, Size: s.Size, SHA256: s.LFS.SHA256, Blob: s.BlobID}
		if f.SHA256 != "" {
			f.Size, f.Blob = s.LFS.Size, ""
		}
		if fileForm.MatchString(f.Name) && f.Size >= 0 && f.Size <= maxFile && hexForm.MatchString(f.SHA256+f.Blob) {
			m.Files = append(m.Files, f)
		}
	}
	return m, nil
}
