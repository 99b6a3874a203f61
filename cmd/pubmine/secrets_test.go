package main

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pubmine/pubmine/cmd/pubmine/internal/exit"
	"github.com/pubmine/pubmine/cmd/pubmine/internal/flags"
	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/sources/fetch"
)

// failing starts servers that fail in different ways, and returns HOST:PORT of each.
func failing(t *testing.T) map[string]string {
	t.Helper()
	hosts := map[string]string{}
	for name, handler := range map[string]http.HandlerFunc{
		"status":  http.NotFound,
		"refused": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"busy":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"garbage": func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("<html>" + r.URL.String())) },
		"leaves": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://user:SECRET@localhost.invalid/x?sig=SECRET", http.StatusFound)
		},
		"hangs up": func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) },
	} {
		server := httptest.NewUnstartedServer(handler)
		server.Config.ErrorLog = nil
		server.Start()
		t.Cleanup(server.Close)
		hosts[name] = strings.TrimPrefix(server.URL, "http://")
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hosts["closed"] = closed.Addr().String()
	closed.Close()
	hosts["no port"], hosts["no host"] = "127.0.0.1:x", ""
	return hosts
}

// What is secret in a URL is in no output of a command that uses it, and in no file that it writes,
// however the server fails.
func TestSecretsAreNotShown(t *testing.T) {
	keep(t)
	quick := fetch.Patience{FirstWait: time.Millisecond, MaxWait: time.Millisecond}
	for name, host := range failing(t) {
		dir := t.TempDir()
		url := "http://user:SECRET@" + host + "/pubmed/?token=SECRET"
		commands := map[string]func(streams) error{
			"sync": func(std streams) error {
				c := syncCommand{
					corpusFlag: corpusFlag{flags.Name(filepath.Join(dir, "C"))}, BaseURL: url, patience: quick,
					requestFlags: requestFlags{
						Tasks: []string{jobs.NoTasks}, Report: flags.Name(filepath.Join(dir, "report.json")),
					},
				}
				return c.Run(t.Context(), std)
			},
			"model pull": func(std streams) error {
				c := modelPullCommand{Name: "owner/small", URL: flags.Name(url), patience: quick}
				return c.Run(t.Context(), std)
			},
			"run": func(std streams) error {
				return execute(t.Context(), []string{
					"run", "--query", "x", "--corpus", filepath.Join(dir, "Q"), "--tasks", "none", "--base-url", url,
				}, std)
			},
		}
		for command, run := range commands {
			var out bytes.Buffer
			std, end := streams{out: &out, err: &out}.guarded()
			err := run(std)
			if err == nil || end() != nil {
				t.Fatalf("%s of a server that fails (%s) succeeds", command, name)
			}
			exit.Report(&out, err)
			for path, data := range files(t, dir) {
				out.WriteString(path + data)
			}
			if strings.Contains(out.String(), "SECRET") {
				t.Errorf("%s, %s: %s", command, name, out.String())
			}
		}
	}
}
