package bulk

import (
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/sources/fetch"
)

// server publishes files, with faults on demand.
type server struct {
	mu      sync.Mutex
	files   map[string]string // by path: baseline/pubmed26n0001.xml.gz
	log     []string          // requests
	cut     int               // bytes after which a file's connection breaks; 0 never
	noRange bool
	status  []int // of the next answers, before all else
	changed string
}

// hasty waits for nobody.
var hasty = fetch.Patience{FirstWait: time.Millisecond, MaxWait: 5 * time.Millisecond, Stalled: 200 * time.Millisecond}

func newServer(t *testing.T, files map[string]string) (*server, *Remote) {
	t.Helper()
	s := &server{files: files, changed: "2026-01-05 14:05"}
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	r, err := OpenRemote(web.URL+"/pubmed/", store.New(t.TempDir(), nil), hasty)
	if err != nil {
		t.Fatal(err)
	}
	return s, r
}

func (s *server) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := strings.TrimPrefix(q.URL.Path, "/pubmed/")
	s.log = append(s.log, strings.TrimSpace(path+" "+q.Header.Get("Range")))
	if len(s.status) > 0 {
		code := s.status[0]
		s.status = s.status[1:]
		http.Error(w, "not now", code)
		return
	}
	if folder, ok := strings.CutSuffix(path, "/"); ok {
		var names []string
		for p := range s.files {
			if name, ok := strings.CutPrefix(p, folder+"/"); ok {
				names = append(names, name)
			}
		}
		page := "<html>"
		for _, n := range names {
			page += fmt.Sprintf("<a href=\"%s\">%s</a> %s 1K\n", n, n, s.changed)
		}
		fmt.Fprint(w, page+"</html>")
		return
	}
	content, ok := s.files[strings.TrimSuffix(path, sidecar)]
	switch {
	case !ok:
		http.NotFound(w, q)
	case strings.HasSuffix(path, sidecar):
		fmt.Fprintf(w, "MD5(%s)= %x\n", filepath.Base(strings.TrimSuffix(path, sidecar)), md5.Sum([]byte(content)))
	default:
		s.send(w, q, content)
	}
}

// send writes a file, or up to cut bytes of it.
func (s *server) send(w http.ResponseWriter, q *http.Request, content string) {
	from := 0
	if !s.noRange {
		fmt.Sscanf(q.Header.Get("Range"), "bytes=%d-", &from)
	}
	if from > 0 && from >= len(content) {
		w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		return
	}
	if from > 0 {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(content)-1, len(content)))
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(content)-from))
	if from > 0 {
		w.WriteHeader(http.StatusPartialContent)
	}
	rest := content[from:]
	if s.cut > 0 && len(rest) > s.cut {
		fmt.Fprint(w, rest[:s.cut])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	fmt.Fprint(w, rest)
}

// asked returns the requests since its last call.
func (s *server) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := s.log
	s.log = nil
	return log
}

const first = "baseline/pubmed26n0001.xml.gz"

func theFile(t *testing.T, r *Remote) File {
	t.Helper()
	files, err := r.List(context.Background())
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	return files[0]
}

// fetched fetches the file and returns its content.
func fetched(t *testing.T, r *Remote, f File) string {
	t.Helper()
	path, err := r.Fetch(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var content = strings.Repeat("forty bytes of what a citation might say\n", 1000)

func TestFetch(t *testing.T) {
	s, r := newServer(t, map[string]string{first: content})
	f := theFile(t, r)
	s.asked()
	if fetched(t, r, f) != content {
		t.Error("other content")
	}
	if log := s.asked(); !slices.Equal(log, []string{first + sidecar, first}) {
		t.Errorf("asked for %v", log)
	}
	if fetched(t, r, f) != content || len(s.asked()) > 0 {
		t.Error("a file that is here was asked for again")
	}
	mirror := OpenMirror(r.mirror.root) // the downloaded files are a mirror
	if path, err := mirror.Fetch(context.Background(), f); err != nil || path != r.mirror.path(f) {
		t.Error(path, err)
	}
	s.changed = "2026-01-06 03:00"
	f = theFile(t, r)
	s.asked()
	for range 2 { // the sidecar is asked for once after the index has another time
		if sum, err := r.MD5(context.Background(), f); err != nil ||
			sum != fmt.Sprintf("%x", md5.Sum([]byte(content))) {
			t.Error(sum, err)
		}
	}
	if log := s.asked(); !slices.Equal(log, []string{first + sidecar}) {
		t.Errorf("asked for %v", log)
	}
}

// Wherever the connection breaks, and whatever was here before, the file comes out whole.
func TestDownloadsAreResumed(t *testing.T) {
	for _, cut := range []int{1000, 8192, 40_000, len(content) - 1} {
		for name, here := range map[string]string{
			"nothing": "", "a part": content[:5000], "all": content, "other bytes": "rubbish" + content[:70],
			"too much": content + "x",
		} {
			t.Run(fmt.Sprint(cut, " ", name), func(t *testing.T) {
				s, r := newServer(t, map[string]string{first: content})
				s.cut = cut
				f := theFile(t, r)
				if here != "" {
					place(t, r.mirror.path(f)+".part", here)
				}
				if fetched(t, r, f) != content {
					t.Error("other content")
				}
			})
		}
	}
}

func place(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestServerWithoutRanges(t *testing.T) {
	s, r := newServer(t, map[string]string{first: content})
	s.noRange = true
	f := theFile(t, r)
	place(t, r.mirror.path(f)+".part", content[:5000])
	if fetched(t, r, f) != content {
		t.Error("other content")
	}
	if err := os.Remove(r.mirror.path(f)); err != nil {
		t.Fatal(err)
	}
	s.cut = 1000 // never comes to an end
	if _, err := r.Fetch(context.Background(), f); !Temporary(err) {
		t.Errorf("got %v", err)
	}
}

// A file without the MD5 of its sidecar is never returned.
func TestWrongMD5(t *testing.T) {
	s, r := newServer(t, map[string]string{first: content})
	f := theFile(t, r)
	place(t, r.mirror.path(f)+sidecar, fmt.Sprintf("MD5(%s)= %x\n", f.Name, md5.Sum([]byte("other"))))
	if err := r.date(f); err != nil { // so that the one of the server is not asked for
		t.Fatal(err)
	}
	if path, err := r.Fetch(context.Background(), f); !errors.Is(err, fetch.ErrChecksum) || !Temporary(err) {
		t.Errorf("got %s, %v", path, err)
	}
	if fetched(t, r, f) != content { // the wrong sidecar is gone
		t.Error("other content")
	}
	place(t, r.mirror.path(f), content[1:])
	if path, err := OpenMirror(r.mirror.root).Fetch(context.Background(), f); !errors.Is(err, ErrMismatch) ||
		Temporary(err) {
		t.Errorf("mirror: got %s, %v", path, err)
	}
	if fetched(t, r, f) != content {
		t.Error("damaged content was not replaced")
	}
	s.files[first] = "something else"
	s.changed = "2026-02-01 00:00"
	if fetched(t, r, theFile(t, r)) != "something else" {
		t.Error("the new content was not fetched")
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	s, r := newServer(t, map[string]string{first: content})
	f := theFile(t, r)
	place(t, r.mirror.path(f), content[:100])
	for _, c := range []struct {
		status    int
		temporary bool
	}{{429, true}, {500, true}, {503, true}, {404, false}, {403, false}} {
		for name, ask := range map[string]func() error{
			"list":  func() error { _, err := r.List(context.Background()); return err },
			"md5":   func() error { _, err := r.MD5(context.Background(), f); return err },
			"fetch": func() error { _, err := r.Fetch(context.Background(), f); return err },
		} {
			s.status = slices.Repeat([]int{c.status}, 20)
			if err := ask(); err == nil || Temporary(err) != c.temporary ||
				!strings.Contains(err.Error(), fmt.Sprint(c.status)) {
				t.Errorf("%s, %d: %v", name, c.status, err)
			}
			s.status = nil
		}
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("enough"))
	if _, err := r.Fetch(ctx, f); err == nil || err.Error() != "enough" {
		t.Errorf("canceled: %v", err)
	}
	for _, bad := range []string{"", "ftp://ftp.ncbi.nlm.nih.gov/pubmed", "/pubmed", "https://", "::"} {
		if _, err := OpenRemote(bad, store.New("", nil), hasty); err == nil {
			t.Errorf("%q is taken for a URL", bad)
		}
	}
}

func TestClientTriesAgainAndStaysOnTheHost(t *testing.T) {
	s, r := newServer(t, map[string]string{first: content})
	s.status = []int{503}
	if fetched(t, r, theFile(t, r)) != content {
		t.Error("other content")
	}
	other := httptest.NewServer(
		http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("another host was asked") }),
	)
	defer other.Close()
	here := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusFound))
	defer here.Close()
	away, err := OpenRemote(here.URL, store.New(t.TempDir(), nil), hasty)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := away.List(context.Background()); err == nil || !strings.Contains(err.Error(), "302") {
		t.Errorf("got %v", err)
	}
}

func TestMirror(t *testing.T) {
	m := OpenMirror(t.TempDir())
	if _, err := m.List(context.Background()); err == nil {
		t.Error("a folder without a baseline was taken for a mirror")
	}
	place(t, filepath.Join(m.root, first), content)
	place(t, filepath.Join(m.root, "baseline", "README.txt"), "x")
	files, err := m.List(context.Background())
	if err != nil || len(files) != 1 || files[0].Unit() != "pubmed26n0001" {
		t.Fatal(files, err)
	}
	if _, err := m.Fetch(context.Background(), files[0]); err == nil {
		t.Error("a file without a sidecar was given out")
	}
}
