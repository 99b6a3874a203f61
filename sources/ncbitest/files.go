package ncbitest

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
)

// files serves a folder. As for the programs, each request is logged and may have a fault.
func (s *Server) files() http.HandlerFunc {
	tree := http.StripPrefix("/pubmed", s.tree())
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		n := len(s.log)
		s.log = append(s.log, Request{At: s.config.Now(), Path: r.URL.RequestURI(), Range: r.Header.Get("Range")})
		s.mu.Unlock()
		recorded := httptest.NewRecorder()
		tree.ServeHTTP(recorded, r)
		s.mu.Lock()
		s.log[n].Status = recorded.Code
		s.mu.Unlock()
		for name, values := range recorded.Header() {
			if name != "Content-Length" { // a fault may change it
				w.Header()[name] = values
			}
		}
		s.fault(
			n,
		)(
			w,
			r,
			Reply{
				Status: recorded.Code, ContentType: recorded.Header().Get("Content-Type"),
				Head: recorded.Body.String(),
			},
		)
	}
}

// tree serves folders in the format of Apache, and files in ranges.
func (s *Server) tree() http.Handler {
	files := http.FileServerFS(s.config.Files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/") {
			files.ServeHTTP(w, r)
			return
		}
		folder := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
		if folder == "" {
			folder = "."
		}
		entries, err := fs.ReadDir(s.config.Files, folder)
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html;charset=UTF-8")
		fmt.Fprintf(
			w,
			"<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<html>\n<head><title>Index of "+
				"/pubmed/%s</title></head>\n<body>\n<h1>Index of /pubmed/%[1]s</h1>\n<pre>Name                    "+
				"Last modified      Size  <hr><a href=\"/pubmed/\">Parent Directory</a>                       "+
				"      -   \n",
			folder,
		)
		for _, entry := range entries {
			name, size := entry.Name(), "-"
			if info, err := entry.Info(); err == nil && !entry.IsDir() {
				size = fmt.Sprintf("%dK", info.Size()>>10)
			}
			if entry.IsDir() {
				name += "/"
			}
			fmt.Fprintf(w, "<a href=\"%s\">%[1]s</a> 2026-01-02 14:05  %s  \n", name, size)
		}
		fmt.Fprint(w, "<hr></pre>\n</body></html>\n")
	})
}
