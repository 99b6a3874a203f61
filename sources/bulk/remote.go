package bulk

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/pubmine/pubmine/sources/fetch"
)

// DefaultURL is where NCBI publishes PubMed.
const DefaultURL = "https://ftp.ncbi.nlm.nih.gov/pubmed/"

// Temporary reports whether the same call may succeed later. A published file whose MD5 is not that
// of its sidecar may be about to be replaced.
func Temporary(err error) bool {
	return slices.ContainsFunc(
		[]error{fetch.ErrNetwork, fetch.ErrChecksum, ErrListing, syscall.ENOSPC, syscall.EDQUOT, syscall.EIO},
		func(e error) bool { return errors.Is(err, e) },
	)
}

const (
	maxIndex   = 16 << 20 // bytes; an index of 1,500 files has 0.4 MB
	maxSidecar = 4 << 10
	maxFile    = 4 << 30
)

// Remote is the Site at a URL, with the directory to which its files are downloaded.
type Remote struct {
	base   *url.URL
	client *fetch.Client
	files  fetch.Files
	mirror Mirror // in the directory of files
	// ReadOnly keeps MD5 from writing to the mirror. Fetch must not be used.
	ReadOnly bool
}

// OpenRemote returns the site at a URL. Its files are downloaded to files.
func OpenRemote(base string, files fetch.Files, p fetch.Patience) (*Remote, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("this is not the URL of a server: it must begin with https:// or http://")
	}
	client := fetch.New(fetch.Options{Patience: p, CheckRedirect: stayOnHost})
	return &Remote{base: u, client: client, files: files, mirror: Mirror{files.Path(".")}}, nil
}

// stayOnHost follows no redirect to another host.
func stayOnHost(next *http.Request, via []*http.Request) error {
	if next.URL.Host != via[0].URL.Host || len(via) > 5 {
		return http.ErrUseLastResponse
	}
	return nil
}

// List requests both indexes.
func (r *Remote) List(ctx context.Context) ([]File, error) {
	var files []File
	for _, folder := range []string{Baseline, UpdateFiles} {
		err := r.get(ctx, maxIndex, func(page []byte) error {
			found, err := parseListing(folder, page)
			files = append(files, found...)
			return err
		}, folder+"/")
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// MD5 requests the sidecar of a file, unless the one in the mirror has the time of the index.
func (r *Remote) MD5(ctx context.Context, f File) (string, error) {
	known, ok := r.known(f)
	if ok && !f.Changed.IsZero() {
		if info, err := os.Stat(r.mirror.path(f) + sidecar); err == nil && info.ModTime().Equal(f.Changed) {
			return known, nil
		}
	}
	sum := ""
	err := r.get(ctx, maxSidecar, func(data []byte) (err error) {
		sum, err = parseMD5(data, f.Name)
		return err
	}, f.Folder, f.Name+sidecar)
	if err == nil && ok && sum == known && !r.ReadOnly {
		err = r.date(f)
	}
	return sum, err
}

// known returns the MD5 of the sidecar in the mirror, if there is a valid one.
func (r *Remote) known(f File) (string, bool) {
	sum, err := r.mirror.MD5(context.Background(), f)
	return sum, err == nil
}

// date gives the sidecar in the mirror the time of the index.
func (r *Remote) date(f File) error {
	if f.Changed.IsZero() {
		return nil
	}
	return os.Chtimes(r.mirror.path(f)+sidecar, time.Time{}, f.Changed)
}

// Fetch downloads a file, or the part of it that is missing.
func (r *Remote) Fetch(ctx context.Context, f File) (string, error) {
	want, err := r.MD5(ctx, f)
	if err != nil {
		return "", err
	}
	if r.has(f, want) {
		return r.mirror.path(f), nil
	}
	path, name := r.mirror.path(f), f.Folder+"/"+f.Name
	if err := os.Remove(path + sidecar); err != nil && !os.IsNotExist(err) {
		return "", err
	}
	err = r.client.Download(ctx, fetch.File{
		URL: r.base.JoinPath(f.Folder, f.Name).String(), Name: name, MaxSize: maxFile, NewHash: md5.New, Sum: want,
	}, r.files)
	if err != nil {
		return "", explain(err)
	}
	if err := fetch.WriteFile(r.files, name+sidecar, fmt.Appendf(nil, "MD5(%s)= %s\n", f.Name, want)); err != nil {
		return "", err
	}
	return path, r.date(f)
}

// Have returns the path of a file in the mirror with the MD5 that is published now.
func (r *Remote) Have(ctx context.Context, f File) (string, error) {
	if _, known := r.known(f); !known {
		return "", ctx.Err()
	}
	want, err := r.MD5(ctx, f)
	if err != nil || !r.has(f, want) {
		return "", err
	}
	return r.mirror.path(f), nil
}

// has reports whether the mirror has a file with an MD5, and its sidecar.
func (r *Remote) has(f File, want string) bool {
	if known, ok := r.known(f); !ok || known != want {
		return false
	}
	got, err := md5File(r.mirror.path(f))
	return err == nil && got == want
}

// get requests a small file until read accepts it.
func (r *Remote) get(ctx context.Context, limit int64, read func(data []byte) error, path ...string) error {
	return explain(r.client.Get(ctx, r.base.JoinPath(path...).String(), limit, read))
}

// explain adds to the error of a redirect why it is one, and to that of a checksum its likely
// cause.
func explain(err error) error {
	if errors.Is(err, fetch.ErrChecksum) {
		return fmt.Errorf("%w: the publisher may be replacing the file", err)
	}
	var status *fetch.StatusError
	if errors.As(err, &status) && status.Code >= 300 && status.Code < 400 {
		return fmt.Errorf(
			"%w: redirects to another host are not followed: give that host's URL with --base-url if you trust it", err,
		)
	}
	return err
}
