package fetch_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/sources/fetch"
)

var content = strings.Repeat("some text in a file\n", 1000)

var quick = fetch.Patience{FirstWait: time.Millisecond, MaxWait: 4 * time.Millisecond, Stalled: 100 * time.Millisecond}

func file(url string) fetch.File {
	sum := sha256.Sum256([]byte(content))
	return fetch.File{
		URL: url, Name: "folder/x.txt", Size: int64(len(content)), NewHash: sha256.New, Sum: hex.EncodeToString(sum[:]),
	}
}

// serve starts a server, and returns its URL and the number of requests to it.
func serve(t *testing.T, handler http.HandlerFunc) (string, *atomic.Int64) {
	t.Helper()
	requests := new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

// send answers with the content from the requested offset on, at most n bytes of it.
func send(w http.ResponseWriter, r *http.Request, n int) {
	from := 0
	fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
	if from > 0 {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(content)-1, len(content)))
		w.WriteHeader(http.StatusPartialContent)
	}
	fmt.Fprint(w, content[from:min(len(content), from+n)])
	w.(http.Flusher).Flush()
	if from+n < len(content) {
		panic(http.ErrAbortHandler)
	}
}

func get(t *testing.T, files *store.Dir, name string) string {
	t.Helper()
	data, err := files.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestDownload(t *testing.T) {
	url, requests := serve(t, func(w http.ResponseWriter, r *http.Request) { send(w, r, 6000) })
	files := store.New(t.TempDir(), nil)
	f := file(url)
	var progress int64
	f.Progress = func(n int64) { progress = n }
	for range 2 {
		if err := fetch.New(fetch.Options{Patience: quick}).Download(context.Background(), f, files); err != nil {
			t.Fatal(err)
		}
		if got := get(t, files, f.Name); got != content || progress != f.Size {
			t.Errorf("%d bytes, progress %d", len(got), progress)
		}
	}
	if n := requests.Load(); n != 4 {
		t.Errorf("%d requests, want 4 for the first download and none for the second", n)
	}
	if keys, err := files.List("folder"); err != nil || len(keys) != 1 {
		t.Errorf("files %v, %v", keys, err)
	}
}

// A file of the final name is replaced only by complete content with the right checksum.
func TestFinalNameIsVerified(t *testing.T) {
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, strings.ToUpper(content))
	})
	files := store.New(t.TempDir(), nil)
	f := file(url)
	if err := files.Put(f.Name, []byte("old")); err != nil {
		t.Fatal(err)
	}
	err := fetch.New(fetch.Options{Patience: quick}).Download(context.Background(), f, files)
	if !errors.Is(err, fetch.ErrChecksum) || get(t, files, f.Name) != "old" {
		t.Errorf("%v", err)
	}
	url, _ = serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, content+"more") })
	f.URL = url
	err = fetch.New(fetch.Options{Patience: quick}).Download(context.Background(), f, files)
	if !errors.Is(err, fetch.ErrChecksum) || get(t, files, f.Name) != "old" {
		t.Errorf("too long: %v", err)
	}
}

func TestRetriesAreBounded(t *testing.T) {
	for name, test := range map[string]struct {
		bytes    int
		requests int64
	}{
		"without progress": {0, 6},
		"little progress":  {1, 6},
	} {
		url, requests := serve(t, func(w http.ResponseWriter, r *http.Request) { send(w, r, test.bytes) })
		err := fetch.New(fetch.Options{Patience: quick}).
			Download(context.Background(), file(url), store.New(t.TempDir(), nil))
		if !errors.Is(err, fetch.ErrNetwork) || requests.Load() != test.requests {
			t.Errorf("%s: %v after %d requests, want %d", name, err, requests.Load(), test.requests)
		}
	}
}

// drip sends a reply of a status byte by byte.
func drip(w http.ResponseWriter, r *http.Request, status int) {
	w.Header().Set("Content-Length", fmt.Sprint(len(content)))
	w.Header().Set("Location", "elsewhere")
	w.WriteHeader(status)
	for i := range content {
		if _, err := fmt.Fprint(w, content[i:i+1]); err != nil || r.Context().Err() != nil {
			return
		}
		w.(http.Flusher).Flush()
		time.Sleep(5 * time.Millisecond)
	}
}

// hurried is quick and wants 1000 bytes in 100 ms, of which drip sends about 20.
func hurried() fetch.Patience {
	p := quick
	p.MinRate = 10_000
	return p
}

// The bodies of errors, which are read to their ends, too, and headers hold up nobody either.
func TestDrippingErrors(t *testing.T) {
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusFound} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			url, requests := serve(t, func(w http.ResponseWriter, r *http.Request) { drip(w, r, status) })
			client := fetch.New(fetch.Options{Patience: hurried()})
			err := client.Get(t.Context(), url, 1<<20, func([]byte) error { return nil })
			if n := requests.Load(); err == nil || n < 6 || n > 60 {
				t.Errorf("%v after %d requests", err, n)
			}
		})
	}
}

// A server that drips is given up, although some bytes always come.
func TestDrippingServer(t *testing.T) {
	url, requests := serve(t, func(w http.ResponseWriter, r *http.Request) { drip(w, r, http.StatusOK) })
	client := fetch.New(fetch.Options{Patience: hurried()})
	err := client.Download(context.Background(), file(url), store.New(t.TempDir(), nil))
	if !errors.Is(err, fetch.ErrNetwork) || !strings.Contains(err.Error(), "too little") {
		t.Errorf("Download: %v", err)
	}
	if n := requests.Swap(0); n != 6 {
		t.Errorf("Download: %d requests", n)
	}
	err = client.Get(context.Background(), url, 1<<20, func([]byte) error { return nil })
	if !errors.Is(err, fetch.ErrNetwork) || requests.Load() != 6 {
		t.Errorf("Get: %v after %d requests", err, requests.Load())
	}
}

// closed returns the URL of a port on which nothing listens.
func closed(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://" + listener.Addr().String()
}

// Without a connection the error comes at once, with the default waits.
func TestOfflineIsReportedAtOnce(t *testing.T) {
	url := closed(t)
	client := fetch.New(fetch.Options{})
	start := time.Now()
	for name, err := range map[string]error{
		"Get":      client.Get(context.Background(), url, 100, func([]byte) error { return nil }),
		"Download": client.Download(context.Background(), file(url), store.New(t.TempDir(), nil)),
	} {
		if !errors.Is(err, fetch.ErrNetwork) || !strings.Contains(err.Error(), "no connection to "+url[7:]) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if d := time.Since(start); d > 900*time.Millisecond {
		t.Errorf("%v for two errors", d)
	}
}

// A server that has replied before may be back soon.
func TestConnectionThatIsLostIsRetried(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "x") }))
	client := fetch.New(fetch.Options{Patience: quick})
	accept := func([]byte) error { return nil }
	if err := client.Get(context.Background(), server.URL, 100, accept); err != nil {
		t.Fatal(err)
	}
	server.Close()
	start := time.Now()
	err := client.Get(context.Background(), server.URL, 100, accept)
	if !errors.Is(err, fetch.ErrNetwork) || time.Since(start) < 15*time.Millisecond { // 1 + 2 + 4 + 4 + 4
		t.Errorf("%v after %v", err, time.Since(start))
	}
}

func TestOffline(t *testing.T) {
	for err, want := range map[error]bool{
		syscall.ECONNREFUSED: true, syscall.ENETUNREACH: true, &net.DNSError{Err: "no such host"}: true,
		syscall.ECONNRESET: false, errors.New("no"): false,
	} {
		if got := fetch.Offline(fmt.Errorf("dial: %w", err)); got != want {
			t.Errorf("%v: %v", err, got)
		}
	}
}

func TestGet(t *testing.T) {
	url, requests := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/x" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, "content")
	})
	client := fetch.New(fetch.Options{Patience: quick})
	tries := 0
	err := client.Get(context.Background(), url+"/x", 7, func(data []byte) error {
		if tries++; tries < 3 {
			return errors.New("not yet")
		}
		return nil
	})
	if err != nil || requests.Load() != 3 {
		t.Errorf("%v after %d requests", err, requests.Load())
	}
	if err := client.Get(
		context.Background(), url+"/x", 6, nil,
	); err == nil || !strings.Contains(err.Error(), "6 bytes") {
		t.Errorf("too long: %v", err)
	}
	var status *fetch.StatusError
	err = client.Get(context.Background(), url+"/y", 100, nil)
	if !errors.As(err, &status) || status.Code != 404 || errors.Is(err, fetch.ErrNetwork) {
		t.Errorf("missing: %v", err)
	}
}

func TestContextEndsDownload(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		cancel(errors.New("enough"))
		<-r.Context().Done()
	})
	err := fetch.New(fetch.Options{}).Download(ctx, file(url), store.New(t.TempDir(), nil))
	if err == nil || err.Error() != "enough" {
		t.Errorf("%v", err)
	}
}

func TestWriteFile(t *testing.T) {
	files := store.New(t.TempDir(), nil)
	if err := fetch.WriteFile(files, "x", []byte("text")); err != nil || get(t, files, "x") != "text" {
		t.Errorf("%v", err)
	}
	if err := fetch.WriteFile(files, "none/x", nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing folder: %v", err)
	}
}
