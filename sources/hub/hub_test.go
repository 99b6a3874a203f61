package hub

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/sources/hub/hubtest"
)

const repo = "owner/model"

func fake(t *testing.T) *hubtest.Hub {
	return hubtest.New(t, repo, map[string][]byte{
		"config.json": []byte(
			"{}",
		), "vocab.json": []byte(`{"a":0}`), "merges.txt": {}, "pytorch_model.bin": bytes.Repeat([]byte("weights "), 50_000),
		"README.md": []byte("text"),
	}, "pytorch_model.bin")
}

func client(t *testing.T, url string) *Client {
	t.Helper()
	c, err := New(url)
	if err != nil {
		t.Fatal(err)
	}
	c.pause = 0
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

func nothing(int64) {}

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
		var told int64
		if err := c.Fetch(context.Background(), m, file, dir, func(n int64) { told = n }); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, file.Name))
		if err != nil || !bytes.Equal(got, f.Files[file.Name]) || told != file.Size {
			t.Errorf("%s: %d bytes, %v, told %d", file.Name, len(got), err, told)
		}
	}
	asked := len(f.Ranges)
	for _, file := range needed {
		if err := c.Fetch(context.Background(), m, file, dir, nothing); err != nil {
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
	f.Breaks = 3
	if err := c.Fetch(context.Background(), m, weightsOf(t, m), dir, nothing); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"", "bytes=200000-", "bytes=300000-", "bytes=350000-"}, f.Ranges); diff != "" {
		t.Error(diff)
	}
	f.Silent = "pytorch_model.bin"
	if err := os.Truncate(filepath.Join(dir, "pytorch_model.bin"), 100); err != nil {
		t.Fatal(err)
	}
	if err := c.Fetch(context.Background(), m, weightsOf(t, m), dir, nothing); !errors.Is(err, ErrNetwork) {
		t.Errorf("a download that never ends: %v", err)
	}
}

func TestWrongBytes(t *testing.T) {
	for _, c := range []struct {
		name         string
		here         string // what an earlier try left
		wrong        int
		ok           bool
		left, asked  int
		resumedRange string
	}{
		{"from scratch", "", 1, false, 0, 1, ""},
		{"rubbish of an earlier try", strings.Repeat("x", 1000), 0, true, 400_000, 2, "bytes=1000-"},
		{"too long", strings.Repeat("x", 500_000), 0, true, 400_000, 1, ""},
		{"rubbish twice", strings.Repeat("x", 1000), 9, false, 0, 2, "bytes=1000-"},
	} {
		f := fake(t)
		cl := client(t, f.URL)
		m, dir := model(t, cl), t.TempDir()
		path := filepath.Join(dir, "pytorch_model.bin")
		if err := os.WriteFile(path, []byte(c.here), 0o644); err != nil {
			t.Fatal(err)
		}
		f.Wrong = c.wrong
		err := cl.Fetch(context.Background(), m, weightsOf(t, m), dir, nothing)
		if (err == nil) != c.ok || !c.ok && !errors.Is(err, ErrContent) {
			t.Errorf("%s: %v", c.name, err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Size() != int64(c.left) || len(f.Ranges) != c.asked || f.Ranges[0] != c.resumedRange {
			t.Errorf("%s: %d bytes are left, %v, asked for %q", c.name, info.Size(), err, f.Ranges)
		}
	}
}

func TestErrors(t *testing.T) {
	f := fake(t)
	c := client(t, f.URL)
	ctx := context.Background()
	for status, want := range map[int]error{404: ErrUnknown, 401: ErrUnknown, 400: ErrNetwork} {
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
		if _, err := New(url); err == nil {
			t.Errorf("%q is taken for a URL", url)
		}
	}
	m := model(t, c)
	if err := c.Fetch(ctx, m, File{Name: "../x", Size: 1}, t.TempDir(), nothing); err == nil {
		t.Error("../x is fetched")
	}
	if err := c.Fetch(ctx, m, weightsOf(t, m), filepath.Join(t.TempDir(), "nowhere"), nothing); !errors.Is(
		err, os.ErrNotExist,
	) {
		t.Errorf("no folder: %v", err)
	}
	m.Commit = strings.Repeat("f", 40)
	if err := c.Fetch(ctx, m, weightsOf(t, m), t.TempDir(), nothing); !errors.Is(err, ErrUnknown) {
		t.Errorf("unknown commit: %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := c.Model(cancelled, repo, "main"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestRedirectsStaySafe(t *testing.T) {
	f := fake(t)
	secure := httptest.NewTLSServer(http.RedirectHandler(f.URL+"/blobs/pytorch_model.bin", http.StatusFound))
	t.Cleanup(secure.Close)
	c := client(t, secure.URL)
	request, err := http.NewRequest(http.MethodGet, f.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.http.CheckRedirect(request, []*http.Request{{}}); err == nil {
		t.Error("a redirect from https to http is followed")
	}
	request.URL.Scheme = "https"
	if err := c.http.CheckRedirect(request, []*http.Request{{}}); err != nil {
		t.Error(err)
	}
	if err := c.http.CheckRedirect(request, make([]*http.Request, 9)); err == nil {
		t.Error("redirects are followed without end")
	}
}

func TestDescriptions(t *testing.T) {
	for _, text := range []string{"", "{", "[]", "{}", `{"sha":"main"}`, `{"sha":"` + strings.Repeat("g", 40) + `"}`} {
		if _, err := parseModel([]byte(text)); !errors.Is(err, ErrContent) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := parseModel(make([]byte, maxDescription+1)); !errors.Is(err, ErrContent) {
		t.Errorf("too long: %v", err)
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
		{[]string{"pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin", "model-00001-of-00001.safetensors"},
			[]string{"pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"}},
		{[]string{"model.safetensors.index.json", "model-00001-of-00001.safetensors", "pytorch_model-00001-of-00002.bin"},
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
	for name, want := range map[string]string{"biogpt": "microsoft/biogpt", "microsoft/BioGPT-Large": "microsoft/BioGPT-Large", "someone/else": "someone/else"} {
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
	f.Add(
		[]byte(
			`{"sha":"0123456789abcdef0123456789abcdef01234567","siblings":[{"rfilename":"a","size":1,"blobId":"0123456789abcdef0123456789abcdef01234567"}]}`,
		),
	)
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
