package ncbitest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pubmine/pubmine/sources/ncbitest"
)

// post returns the status and the body of a reply, and the error of reading it.
func post(t *testing.T, server *ncbitest.Server, program string, form url.Values) (int, string, error) {
	t.Helper()
	reply, err := http.PostForm(server.EUtils()+program+".fcgi", form)
	if err != nil {
		return 0, "", err
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	return reply.StatusCode, string(body), err
}

func start(t *testing.T, config ncbitest.Config) (*ncbitest.Server, *ncbitest.Clock) {
	t.Helper()
	clock := ncbitest.NewClock()
	config.Now = clock.Now
	server := ncbitest.Start(config)
	t.Cleanup(server.Close)
	return server, clock
}

func query(pairs ...string) url.Values {
	form := url.Values{"db": {"pubmed"}, "retmode": {"xml"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

func TestRateAndKeys(t *testing.T) {
	server, clock := start(t, ncbitest.Config{Keys: []string{"k"}})
	status := func(form url.Values) int {
		status, _, err := post(t, server, "efetch", form)
		if err != nil {
			t.Fatal(err)
		}
		return status
	}
	for i, want := range []int{200, 200, 200, 429} {
		if got := status(query("id", "1")); got != want {
			t.Errorf("request %d: %d", i, got)
		}
	}
	if got := status(query("id", "1", "api_key", "k")); got != 200 {
		t.Errorf("with a key: %d", got)
	}
	if server.Busiest() != 5 {
		t.Errorf("busiest second: %d", server.Busiest())
	}
	if err := clock.Sleep(context.Background(), time.Second); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"", "wrong"} {
		if got := status(query("id", "1", "api_key", key)); got != 400 {
			t.Errorf("key %q: %d", key, got)
		}
	}
}

// The ceiling's trap: a page that crosses it is cut, and the count does not say so.
func TestCeiling(t *testing.T) {
	server, clock := start(t, ncbitest.Config{Records: ncbitest.Records(10_000)})
	for _, test := range []struct {
		first, max string
		want       int
	}{{"0", "10000", 9_999}, {"9500", "500", 499}, {"9998", "1", 1}, {"0", "", 20}} {
		_, body, err := post(
			t, server, "esearch", query("term", "volunteers", "retstart", test.first, "retmax", test.max),
		)
		if n := strings.Count(body, "<Id>"); err != nil || n != test.want ||
			!strings.Contains(body, "<Count>10000</Count>") {
			t.Errorf("%+v: %d ids, %v", test, n, err)
		}
		if err := clock.Sleep(context.Background(), time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if _, body, _ := post(t, server, "esearch", query("term", "x", "retstart", "9999")); !strings.Contains(
		body, "<ERROR>",
	) {
		t.Error(body)
	}
}

func TestFetch(t *testing.T) {
	records := ncbitest.Records(3)
	server, _ := start(t, ncbitest.Config{Records: records})
	_, body, err := post(t, server, "efetch", query("id", "1008,5,1001"))
	if err != nil || !strings.Contains(body, records[0].XML) || !strings.Contains(body, records[1].XML) ||
		strings.Contains(body, records[2].XML) {
		t.Errorf("%s, %v", body, err)
	}
	if _, body, _ := post(t, server, "efetch", query("id", "5")); !strings.HasSuffix(
		body, "<PubmedArticleSet></PubmedArticleSet>\n",
	) {
		t.Error(body)
	}
	if status, _, _ := post(t, server, "efetch", query("id", "x")); status != 400 {
		t.Errorf("status %d", status)
	}
}

func TestFaults(t *testing.T) {
	records := ncbitest.Records(20)
	for name, test := range map[string]struct {
		fault  ncbitest.Fault
		status int
		broken bool
		length int // of the body, or -1
	}{
		"hang up":     {ncbitest.Hangup, 0, true, 0},
		"cut":         {ncbitest.Cut(3000), 200, true, 3000},
		"in chunks":   {ncbitest.CutChunked(3000), 200, true, 3000},
		"silently":    {ncbitest.CutSilently(3000), 200, false, 3000},
		"stalled":     {ncbitest.Stall(10, time.Millisecond), 200, true, 10},
		"bomb":        {ncbitest.Bomb(3 << 20), 200, false, 3 << 20},
		"cut gzip":    {ncbitest.CutGzip(100), 200, true, -1},
		"too many":    {ncbitest.TooMany("3"), 429, false, -1},
		"page":        {ncbitest.Page(502), 502, false, -1},
		"says so":     {ncbitest.Complains("no"), 200, false, -1},
		"echo":        {ncbitest.Echo(500), 500, false, -1},
		"right":       {ncbitest.Right, 200, false, -1},
		"lost":        {ncbitest.Lose(100), 200, false, -1},
		"redirected":  {ncbitest.RedirectTo("x://nowhere/"), 0, true, 0},
		"twice":       {ncbitest.Twice(), 200, false, -1},
		"backwards":   {ncbitest.Backwards(), 200, false, -1},
		"a record on": {ncbitest.Also(records[0]), 200, false, -1},
	} {
		server, _ := start(t, ncbitest.Config{Records: records, Fault: func(int) ncbitest.Fault { return test.fault }})
		ids := make([]string, len(records))
		for i, r := range records {
			ids[i] = fmt.Sprint(r.PMID)
		}
		status, body, err := post(t, server, "efetch", query("id", strings.Join(ids, ",")))
		if status != test.status || (err != nil) != test.broken || test.length >= 0 && len(body) != test.length {
			t.Errorf("%s: status %d, %d bytes, %v", name, status, len(body), err)
		}
	}
}

// Files meet faults, too.
func TestFileFaults(t *testing.T) {
	server, _ := start(t, ncbitest.Config{
		Files: fstest.MapFS{
			"a.gz": {Data: []byte("0123456789")},
		}, Fault: func(n int) ncbitest.Fault { return []ncbitest.Fault{ncbitest.Cut(4), nil}[n] },
	})
	for _, want := range []string{"0123", "0123456789"} {
		reply, err := http.Get(server.URL + "/pubmed/a.gz")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(reply.Body)
		if closing := reply.Body.Close(); string(body) != want || (err == nil) != (len(want) == 10) || closing != nil ||
			reply.Header.Get("Accept-Ranges") != "bytes" {
			t.Errorf("%s, %v, %v", body, err, reply.Header)
		}
	}
}

func TestFiles(t *testing.T) {
	server, _ := start(t, ncbitest.Config{Files: fstest.MapFS{
		"updatefiles/pubmed26n1335.xml.gz": {
			Data: []byte("0123456789"),
		}, "updatefiles/pubmed26n1335.xml.gz.md5": {Data: []byte("MD5")},
	}})
	get := func(path, ranges string) (int, string) {
		request, err := http.NewRequest(http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if ranges != "" {
			request.Header.Set("Range", ranges)
		}
		reply, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer reply.Body.Close()
		body, err := io.ReadAll(reply.Body)
		if err != nil {
			t.Fatal(err)
		}
		return reply.StatusCode, string(body)
	}
	if status, body := get("/pubmed/updatefiles/", ""); status != 200 ||
		!strings.Contains(body, `<a href="pubmed26n1335.xml.gz">`) {
		t.Errorf("%d %s", status, body)
	}
	if status, body := get("/pubmed/", ""); status != 200 || !strings.Contains(body, `<a href="updatefiles/">`) {
		t.Errorf("%d %s", status, body)
	}
	if status, body := get("/pubmed/updatefiles/pubmed26n1335.xml.gz", "bytes=4-"); status != 206 || body != "456789" {
		t.Errorf("%d %s", status, body)
	}
	if last := server.Log()[2]; last.Range != "bytes=4-" || last.Status != 206 {
		t.Errorf("%+v", last)
	}
	for _, path := range []string{"/pubmed/nowhere/", "/pubmed/updatefiles/none.gz", "/"} {
		if status, _ := get(path, ""); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}
