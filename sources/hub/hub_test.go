package hub

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/store"
	"github.com/pubmine/pubmine/sources/fetch"
	"github.com/pubmine/pubmine/sources/hub/hubtest"
)

const repo = "owner/model"

func fake(t *testing.T) *hubtest.Hub {
	return hubtest.New(t, repo, map[string][]byte{
		"config.json": []byte("{}"), "vocab.json": []byte(`{"a":0}`), "merges.txt": {},
		"pytorch_model.bin": bytes.Repeat([]byte("weights "), 50_000), "README.md": []byte("text"),
	}, "pytorch_model.bin")
}

func client(t *testing.T, url string) *Client {
	t.Helper()
	c, err := New(url, fetch.Patience{FirstWait: time.Millisecond, MaxWait: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func model(t *testing.T, c *Client) *Model {
	t.Helper()
	m, err := c.Model(context.Background(), repo, "main")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestPull(t *testing.T) {
	f := fake(t)
	c := client(t, f.URL)
	m := model(t, c)
	if m.Commit != hubtest.Commit || len(m.Files) != len(f.Files) {
		t.Fatalf("commit %s, files %v", m.Commit, m.Files)
	}
	needed, err := m.Needed()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, file := range needed {
		var progress int64
		if err := c.Fetch(
			context.Background(), m, file, store.New(dir, nil), func(n int64) { progress = n },
		); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, file.Name))
		if err != nil || !bytes.Equal(got, f.Files[file.Name]) || progress != file.Size {
			t.Errorf("%s: %d bytes, %v, progress %d", file.Name, len(got), err, progress)
		}
	}
	asked := len(f.Ranges)
	for _, file := range needed {
		if err := c.Fetch(context.Background(), m, file, store.New(dir, nil), nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.Ranges) != asked {
		t.Error("files that are whole are asked for again")
	}
	if _, err := c.Model(context.Background(), repo, "refs/pr/1"); err != nil {
		t.Errorf("a revision with slashes: %v", err)
	}
}

// file is the weights of the model.
func weightsOf(t *testing.T, m *Model) File {
	t.Helper()
	file, ok := m.Find("pytorch_model.bin")
	if !ok {
		t.Fatal("no weights")
	}
	return file
}

func TestBrokenDownloadsGoOn(t *testing.T) {
	f := fake(t)
	c := client(t, f.URL)
	m, dir := model(t, c), t.TempDir()
	files := store.New(dir, nil)
	f.Breaks = 3
	if err := c.Fetch(context.Background(), m, weightsOf(t, m), files, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"", "bytes=200000-", "bytes=300000-", "bytes=350000-"}, f.Ranges); diff != "" {
		t.Error(diff)
	}
	f.Silent = "pytorch_model.bin"
	if err := os.Remove(filepath.Join(dir, "pytorch_model.bin")); err != nil {
		t.Fatal(err)
	}
	if err := c.Fetch(context.Background(), m, weightsOf(t, m), files, nil); !errors.Is(err, fetch.ErrNetwork) {
		t.Errorf("a download that never ends: %v", err)
	}
}

func TestWrongBytes(t *testing.T) {
	for _, c := range []struct {
		name         string
		part         string // left by an earlier try
		wrong        int
		ok           bool
		asked        int
		resumedRange string
	}{
		{"wrong once", "", 1, true, 2, ""},
		{"always wrong", "", 9, false, 3, ""},
		{"rubbish of an earlier try", strings.Repeat("x", 1000), 0, true, 2, "bytes=1000-"},
		{"too long", strings.Repeat("x", 500_000), 0, true, 1, ""},
		{"rubbish and always wrong", strings.Repeat("x", 1000), 9, false, 3, "bytes=1000-"},
	} {
		f := fake(t)
		cl := client(t, f.URL)
		m, files := model(t, cl), store.New(t.TempDir(), nil)
		if err := os.WriteFile(files.Path("pytorch_model.bin.part"), []byte(c.part), 0o644); err != nil {
			t.Fatal(err)
		}
		f.Wrong = c.wrong
		err := cl.Fetch(context.Background(), m, weightsOf(t, m), files, nil)
		if (err == nil) != c.ok || !c.ok && !errors.Is(err, ErrContent) {
			t.Errorf("%s: %v", c.name, err)
		}
		_, err = os.Stat(files.Path("pytorch_model.bin"))
		if (err == nil) != c.ok || len(f.Ranges) != c.asked || f.Ranges[0] != c.resumedRange {
			t.Errorf("%s: %v, asked for %q", c.name, err, f.Ranges)
		}
	}
}

func TestErrors(t *testing.T) {
	f := fake(t)
	c := client(t, f.URL)
	ctx := context.Background()
	for status, want := range map[int]error{404: ErrUnknown, 401: ErrUnknown, 400: fetch.ErrNetwork} {
		f.Status = status
		if _, err := c.Model(ctx, repo, "main"); !errors.Is(err, want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%d: %v", status, err)
		}
	}
	f.Status = 0
	if _, err := c.Model(ctx, repo, "nowhere"); !errors.Is(err, ErrUnknown) {
		t.Errorf("unknown revision: %v", err)
	}
	for _, name := range []string{"model", "a/b/c", "../x", "a/..", ""} {
		if _, err := c.Model(ctx, name, "main"); err == nil {
			t.Errorf("%q is taken for a model", name)
		}
	}
	for _, url := range []string{"ftp://x", "huggingface.co", ":", "https://"} {
		if _, err := New(url, fetch.Patience{}); err == nil {
			t.Errorf("%q is taken for a URL", url)
		}
	}
	m := model(t, c)
	if err := c.Fetch(ctx, m, File{Name: "../x", Size: 1}, store.New(t.TempDir(), nil), nil); err == nil {
		t.Error("../x is fetched")
	}
	m.Commit = strings.Repeat("f", 40)
	if err := c.Fetch(ctx, m, weightsOf(t, m), store.New(t.TempDir(), nil), nil); !errors.Is(err, ErrUnknown) {
		t.Errorf("unknown commit: %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := c.Model(cancelled, repo, "main"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A commit is resolved to itself; a branch may be at any commit.
func TestPinnedCommit(t *testing.T) {
	f := fake(t)
	c := client(t, f.URL)
	if m, err := c.Model(t.Context(), repo, hubtest.Commit); err != nil || m.Commit != hubtest.Commit {
		t.Fatalf("%v, %v", m, err)
	}
	f.Moved = strings.Repeat("e", 40)
	if m, err := c.Model(t.Context(), repo, "main"); err != nil || m.Commit != f.Moved {
		t.Errorf("%v, %v", m, err)
	}
	if _, err := c.Model(t.Context(), repo, hubtest.Commit); !errors.Is(err, ErrContent) ||
		!strings.Contains(err.Error(), "answers with commit "+f.Moved) {
		t.Errorf("another commit than the pinned one: %v", err)
	}
}

func TestRedirectsStaySafe(t *testing.T) {
	request, err := http.NewRequest(http.MethodGet, "http://example.org", nil)
	if err != nil {
		t.Fatal(err)
	}
	follow := stayOn("https")
	if err := follow(request, []*http.Request{{}}); err == nil {
		t.Error("a redirect from https to http is followed")
	}
	if err := stayOn("http")(request, []*http.Request{{}}); err != nil {
		t.Error(err)
	}
	request.URL.Scheme = "https"
	if err := follow(request, []*http.Request{{}}); err != nil {
		t.Error(err)
	}
	if err := follow(request, make([]*http.Request, 9)); err == nil {
		t.Error("redirects are followed without end")
	}
}

func TestDescriptions(t *testing.T) {
	for _, text := range []string{"", "{", "[]", "{}", `{"sha":"main"}`, `{"sha":"` + strings.Repeat("g", 40) + `"}`} {
		if _, err := parseModel([]byte(text)); !errors.Is(err, ErrContent) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestNeeded(t *testing.T) {
	files := func(names ...string) *Model {
		m := &Model{Repo: repo}
		for _, name := range names {
			m.Files = append(m.Files, File{Name: name})
		}
		return m
	}
	base := []string{"config.json", "vocab.json", "merges.txt"}
	for _, c := range []struct{ extra, want []string }{
		{[]string{"pytorch_model.bin", "model.safetensors", "x.bin"}, []string{"model.safetensors"}},
		{[]string{
			"pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin",
			"model-00001-of-00001.safetensors",
		},
			[]string{
				"pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin",
			}},
		{[]string{
			"model.safetensors.index.json", "model-00001-of-00001.safetensors", "pytorch_model-00001-of-00002.bin",
		},
			[]string{"model.safetensors.index.json", "model-00001-of-00001.safetensors"}},
	} {
		needed, err := files(slices.Concat(base, c.extra)...).Needed()
		var names []string
		for _, f := range needed {
			names = append(names, f.Name)
		}
		if diff := cmp.Diff(slices.Concat(base, c.want), names); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
	}
	for _, m := range []*Model{files(base...), files("pytorch_model.bin")} {
		if _, err := m.Needed(); err == nil {
			t.Errorf("%v is enough", m.Files)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"biogpt": "microsoft/biogpt", "microsoft/BioGPT-Large": "microsoft/BioGPT-Large",
		"someone/else": "someone/else",
	} {
		if p, err := Find(name); err != nil || p.Repo != want {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	if _, err := Find("gpt"); err == nil {
		t.Error("gpt is known")
	}
	for _, p := range Known() {
		if !repoForm.MatchString(p.Repo) || p.Revision != "main" && !hexForm.MatchString(p.Revision) {
			t.Errorf("%v", p)
		}
	}
}

func FuzzParseModel(f *testing.F) {
	f.Add(fmt.Appendf(nil, `{"sha":%[1]q,"siblings":[{"rfilename":"a","size":1,"blobId":%[1]q}]}`, hubtest.Commit))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseModel(data)
		if err != nil {
			return
		}
		for _, file := range m.Files {
			if strings.ContainsAny(file.Name, `/\`) || file.Size < 0 || strings.HasPrefix(file.Name, ".") {
				t.Errorf("%v", file)
			}
		}
	})
}
