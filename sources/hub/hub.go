// Package hub downloads the files of a published model from the Hugging Face Hub, or from a mirror
// of it.
//
// What is asked, as huggingface_hub asks it:
//
//	GET BASE/api/models/REPO/revision/REVISION?blobs=true   JSON: "sha", the commit, and "siblings", the files, each with
//	                                                        "rfilename", "size", "blobId" and, where it is kept in LFS, "lfs.sha256"
//	GET BASE/REPO/resolve/COMMIT/FILE                       the file, by way of a redirect to where it is kept
//
// A revision is a branch, a tag or a commit. The commit that it stands for is looked up once, and
// every file is asked for at that commit, so that a change of the branch meanwhile cannot mix two
// versions. A file is accepted if it has the size that was announced and the sha256 of LFS, or,
// outside LFS, the SHA-1 that git gives its content (the blobId).
//
// A download that breaks off is taken up where it ends by a range request, now and in a later call:
// what is in the folder counts. Bytes that turn out to be wrong are dropped and asked for once
// more.
//
// Only https is followed, and http where the base URL itself is http, as it is of a mirror on the
// same machine.
package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// DefaultURL is where the Hub is.
const DefaultURL = "https://huggingface.co"

var (
	// ErrNetwork says that the Hub could not be asked, or had no answer now.
	ErrNetwork = errors.New("the Hub gives no answer now")
	// ErrUnknown says that the Hub has no such model, revision or file, or none that everybody may
	// read.
	ErrUnknown = errors.New("the Hub has nothing public of this name")
	// ErrContent says that what came is not what was announced.
	ErrContent = errors.New("what came is not what the Hub announces")
)

const (
	maxDescription = 16 << 20        // bytes
	maxFile        = 64 << 30        // bytes; the largest published BioGPT has 6.3 GB
	maxWait        = 2 * time.Minute // between tries, whatever the server asks for
	stalled        = time.Minute     // without a byte
)

// Model is a revision of a model.
type Model struct {
	Repo   string // owner/name
	Commit string
	Files  []File
}

// File is one file of a model.
type File struct {
	Name   string
	Size   int64
	SHA256 string // in hex; of a file in LFS
	Blob   string // in hex; git's SHA-1 of a file outside LFS
}

// Find returns the file of a name, and whether there is one.
func (m *Model) Find(name string) (File, bool) {
	for _, f := range m.Files {
		if f.Name == name {
			return f, true
		}
	}
	return File{}, false
}

// Client asks a Hub.
type Client struct {
	base  *url.URL
	http  *http.Client
	pause time.Duration // between tries of a download that breaks off
}

// New returns a client of the Hub at a URL. Its requests are tried again, with growing pauses,
// where they fail for reasons that pass.
func New(base string) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is no URL of a server: give one that begins with https:// or http://", base)
	}
	c := retryablehttp.NewClient()
	c.Logger = nil
	c.RetryMax = 4
	c.ErrorHandler = retryablehttp.PassthroughErrorHandler
	c.Backoff = func(least, most time.Duration, attempt int, r *http.Response) time.Duration {
		return min(retryablehttp.DefaultBackoff(least, most, attempt, r), maxWait)
	}
	if t, ok := c.HTTPClient.Transport.(*http.Transport); ok {
		t.ResponseHeaderTimeout = stalled
	}
	client := c.StandardClient()
	follow := func(next *http.Request, via []*http.Request) error {
		if next.URL.Scheme != "https" && next.URL.Scheme != u.Scheme {
			return fmt.Errorf("a redirect leaves https for %s", next.URL)
		}
		if len(via) > 5 {
			return errors.New("more than five redirects")
		}
		return nil
	}
	c.HTTPClient.CheckRedirect, client.CheckRedirect = follow, follow // each of the two would follow
	return &Client{base: u, http: client, pause: time.Second}, nil
}

// The forms of what names a model and a file. No path may leave the folder that it is written to.
var (
	repoForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$`)
	fileForm = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*$`)
	hexForm  = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)
)

// Model looks up a revision of a model. Files in folders, and those with odd names, are left out.
func (c *Client) Model(ctx context.Context, repo, revision string) (*Model, error) {
	if !repoForm.MatchString(repo) {
		return nil, fmt.Errorf("%q is not of the form owner/name", repo)
	}
	u := c.base.JoinPath("api", "models", repo, "revision", url.PathEscape(revision))
	u.RawQuery = "blobs=true"
	response, err := c.get(ctx, u, 0)
	if err != nil {
		return nil, fmt.Errorf("%s at %s: %w", repo, revision, err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, maxDescription+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", u, ErrNetwork, err)
	}
	m, err := parseModel(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", u, err)
	}
	m.Repo = repo
	return m, nil
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
	if len(data) > maxDescription {
		return nil, fmt.Errorf("%w: it has more than %d bytes", ErrContent, maxDescription)
	}
	if err := json.Unmarshal(data, &described); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrContent, err)
	}
	if !hexForm.MatchString(described.SHA) {
		return nil, fmt.Errorf("%w: it names no commit", ErrContent)
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

// get asks for something from a byte on.
func (c *Client) get(ctx context.Context, u *url.URL, from int64) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Encoding", "identity") // the bytes as they are
	request.Header.Set("User-Agent", "pubmine")
	if from > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	response, err := c.http.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	switch code := response.StatusCode; {
	case code == http.StatusOK,
		from > 0 && (code == http.StatusPartialContent || code == http.StatusRequestedRangeNotSatisfiable):
		return response, nil
	case code == http.StatusNotFound,
		code == http.StatusUnauthorized,
		code == http.StatusForbidden,
		code == http.StatusGone:
		err = ErrUnknown
	default:
		err = ErrNetwork
	}
	response.Body.Close()
	return nil, fmt.Errorf("%w: it answers %q", err, strings.TrimSpace(response.Status))
}
