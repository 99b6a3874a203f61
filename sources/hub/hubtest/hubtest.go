// Package hubtest simulates a Hugging Face Hub with one model, on loopback, for tests. It can have
// faults.
package hubtest

import (
	"bytes"
	"cmp"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// Commit is the only commit of the model. The branch main and refs/pr/1 refer to it.
const Commit = "0123456789abcdef0123456789abcdef01234567"

// Hub is a server. Its fields may be changed between requests.
type Hub struct {
	*httptest.Server
	Repo   string
	Files  map[string][]byte
	LFS    []string // names of the files in LFS
	Breaks int      // number of downloads that end after half of their bytes
	Silent string   // name of a file that sends no bytes
	Wrong  int      // number of downloads that send wrong bytes
	Status int      // of the descriptions, 0 for the correct one
	Moved  string   // commit in the descriptions, in place of the correct one
	Ranges []string // of the requests; empty for a complete file
}

// New starts a server of a model for a test.
func New(t testing.TB, repo string, files map[string][]byte, lfs ...string) *Hub {
	h := &Hub{Repo: repo, Files: files, LFS: lfs}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/models/"+repo+"/revision/{revision}", h.describe)
	mux.HandleFunc("GET /"+repo+"/resolve/{commit}/{file}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("commit") != Commit {
			http.NotFound(w, r)
			return
		}
		http.Redirect(w, r, "/blobs/"+r.PathValue("file"), http.StatusFound)
	})
	mux.HandleFunc("GET /blobs/{file}", h.send)
	h.Server = httptest.NewServer(mux)
	t.Cleanup(h.Close)
	return h
}

// description describes a file.
type description struct {
	Name string `json:"rfilename"`
	Size int    `json:"size"`
	Blob string `json:"blobId"`
	LFS  *large `json:"lfs,omitempty"`
}

type large struct {
	SHA256 string `json:"sha256"`
	Size   int    `json:"size"`
}

func (h *Hub) describe(w http.ResponseWriter, r *http.Request) {
	if h.Status != 0 {
		w.WriteHeader(h.Status)
		return
	}
	if v := r.PathValue("revision"); v != "main" && v != Commit && v != "refs/pr/1" ||
		r.URL.Query().Get("blobs") != "true" {
		http.NotFound(w, r)
		return
	}
	siblings := []description{{Name: "folder/x.bin", Size: 1, Blob: Commit}, {Name: "../up", Size: 1, Blob: Commit}}
	for name, data := range h.Files {
		blob := sha1.Sum(fmt.Appendf(nil, "blob %d\x00%s", len(data), data))
		s := description{Name: name, Size: len(data), Blob: hex.EncodeToString(blob[:])}
		if slices.Contains(h.LFS, name) {
			sum := sha256.Sum256(data)
			s.LFS = &large{hex.EncodeToString(sum[:]), len(data)}
		}
		siblings = append(siblings, s)
	}
	json.NewEncoder(w).Encode(map[string]any{
		"id": h.Repo, "sha": cmp.Or(h.Moved, Commit), "siblings": siblings, "private": false,
	})
}

func (h *Hub) send(w http.ResponseWriter, r *http.Request) {
	name, asked := r.PathValue("file"), r.Header.Get("Range")
	h.Ranges = append(h.Ranges, asked)
	data := h.Files[name]
	from := 0
	if asked != "" {
		fmt.Sscanf(asked, "bytes=%d-", &from)
	}
	partial := func() {
		if asked != "" {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(data)-1, len(data)))
			w.WriteHeader(http.StatusPartialContent)
		}
	}
	switch {
	case name == h.Silent:
		partial()
	case h.Breaks > 0:
		h.Breaks--
		w.Header().Set("Content-Length", fmt.Sprint(len(data)-from))
		partial()
		w.Write(data[from : from+(len(data)-from)/2])
	case h.Wrong > 0:
		h.Wrong--
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(strings.Repeat("x", len(data))))
	default:
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}
}
