package eutils_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/eutils"
	"github.com/pubmine/pubmine/sources/ncbitest"
)

// The wait of the client after a 429, by Retry-After.
func TestRetryAfter(t *testing.T) {
	now := ncbitest.NewClock().Now()
	for header, want := range map[string]struct{ from, to time.Duration }{
		"":                      {500 * time.Millisecond, time.Second},
		"0":                     {500 * time.Millisecond, time.Second},
		"-5":                    {500 * time.Millisecond, time.Second},
		"-99999999999999999999": {500 * time.Millisecond, time.Second},
		"soon":                  {500 * time.Millisecond, time.Second},
		"1.5":                   {500 * time.Millisecond, time.Second},
		"7":                     {7 * time.Second, 7 * time.Second},
		" 7 ":                   {7 * time.Second, 7 * time.Second},
		"99999999":              {5 * time.Minute, 5 * time.Minute},
		"99999999999999999999":  {5 * time.Minute, 5 * time.Minute},
		now.Add(30 * time.Second).Format(http.TimeFormat): {30 * time.Second, 30 * time.Second},
		now.Add(-time.Hour).Format(http.TimeFormat):       {500 * time.Millisecond, time.Second},
		now.Add(9000 * time.Hour).Format(time.ANSIC):      {5 * time.Minute, 5 * time.Minute},
	} {
		server, client, _ := ncbi(t, ncbitest.Config{Records: ncbitest.Records(1), Fault: func(n int) ncbitest.Fault {
			if n == 0 {
				return ncbitest.TooMany(header)
			}
			return nil
		}}, eutils.Options{})
		if _, err := client.Fetch(context.Background(), []schemas.PMID{1001}); err != nil {
			t.Errorf("%q: %v", header, err)
			continue
		}
		log := server.Log()
		if waited := log[1].At.Sub(log[0].At); waited < want.from || waited > want.to {
			t.Errorf("%q: waited %v, want %v to %v", header, waited, want.from, want.to)
		}
	}
}

// On the system's clock, as the server sees it.
func TestPaceInRealTime(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	server := ncbitest.Start(ncbitest.Config{Records: ncbitest.Records(1), Keys: []string{canary}})
	defer server.Close()
	client, err := eutils.New(eutils.Options{BaseURL: server.EUtils(), Key: canary})
	if err != nil {
		t.Fatal(err)
	}
	for range 12 {
		if _, err := client.Fetch(context.Background(), []schemas.PMID{1001}); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("at most %d requests in a second", server.Busiest())
	if n := server.Busiest(); n > 9 { // 8 in a second, and one that was stamped late
		t.Errorf("%d requests in a second", n)
	}
}

func TestReplyTimeout(t *testing.T) {
	for name, fault := range map[string]ncbitest.Fault{
		"nothing": ncbitest.Stall(0, 10*time.Second), "100 bytes": ncbitest.Stall(100, 10*time.Second),
		"a byte at a time": ncbitest.Drip(http.StatusOK), "an error at a time": ncbitest.Drip(http.StatusBadGateway),
	} {
		server, client, _ := ncbi(t, ncbitest.Config{Records: ncbitest.Records(1), Fault: func(n int) ncbitest.Fault {
			if n == 0 {
				return fault
			}
			return nil
		}}, eutils.Options{Timeout: 300 * time.Millisecond})
		items, err := client.Fetch(context.Background(), []schemas.PMID{1001})
		if err != nil || items[0].Document == nil || len(server.Log()) != 2 {
			t.Errorf("%s: %v, %d requests", name, err, len(server.Log()))
		}
	}
}

// The end of the context ends a wait, and its cause is the error.
func TestStopped(t *testing.T) {
	server := ncbitest.Start(ncbitest.Config{Fault: func(int) ncbitest.Fault { return ncbitest.TooMany("60") }})
	defer server.Close()
	client, err := eutils.New(eutils.Options{BaseURL: server.EUtils()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	why := errors.New("terminated")
	time.AfterFunc(100*time.Millisecond, func() { cancel(why) })
	start := time.Now()
	if _, err := client.Fetch(ctx, []schemas.PMID{1}); !errors.Is(err, why) || time.Since(start) > 20*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	if n := len(server.Log()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// A reply that expands beyond all reason is given up early.
func TestReplyTooLong(t *testing.T) {
	server, client, _ := ncbi(t, ncbitest.Config{Records: ncbitest.Records(1), Fault: func(n int) ncbitest.Fault {
		if n == 0 {
			return ncbitest.Bomb(1 << 30)
		}
		return nil
	}}, eutils.Options{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	items, err := client.Fetch(context.Background(), []schemas.PMID{1001})
	runtime.ReadMemStats(&after)
	if err != nil || items[0].Document == nil || len(server.Log()) != 2 {
		t.Errorf("%v, %d requests", err, len(server.Log()))
	}
	if taken := (after.TotalAlloc - before.TotalAlloc) >> 20; taken > 700 {
		t.Errorf("%d MiB for a reply that is given up", taken)
	}
}

func TestNoNetwork(t *testing.T) {
	server, client, _ := ncbi(t, ncbitest.Config{}, eutils.Options{Key: canary})
	server.Close()
	if _, err := client.Fetch(context.Background(), []schemas.PMID{1}); !errors.Is(err, eutils.ErrUnavailable) ||
		strings.Contains(err.Error(), "\n") {
		t.Error(err)
	}
}

func TestOptions(t *testing.T) {
	for _, o := range []eutils.Options{
		{BaseURL: "http://example.org/"},
		{BaseURL: "https://user:" + canary + "@example.org/"},
		{BaseURL: "https://example.org/?api_key=" + canary},
		{BaseURL: "ftp://127.0.0.1/"},
		{BaseURL: "example.org"},
		{BaseURL: "::"},
		{Key: canary + " "},
		{Key: "short"},
		{Key: canary + "\r\nX: y"},
	} {
		if _, err := eutils.New(o); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	for _, o := range []eutils.Options{
		{}, {BaseURL: "http://localhost:1"}, {BaseURL: "http://[::1]:80/x"}, {Key: canary},
	} {
		if _, err := eutils.New(o); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// A server whose certificate is not to be trusted is not tried again, and gets nothing.
func TestForeignCertificate(t *testing.T) {
	server := ncbitest.Start(ncbitest.Config{})
	defer server.Close()
	secure := ncbitest.Secure(server)
	defer secure.Close()
	client, err := eutils.New(eutils.Options{BaseURL: secure.URL + "/entrez/eutils/", Key: canary})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Fetch(context.Background(), []schemas.PMID{1}); err == nil ||
		errors.Is(err, eutils.ErrUnavailable) ||
		!strings.Contains(err.Error(), "certificate") {
		t.Error(err)
	}
	if n := len(server.Log()); n > 0 {
		t.Errorf("%d requests", n)
	}
}

// Without a network the error comes at once, not after all retries.
func TestOfflineIsReportedAtOnce(t *testing.T) {
	client, err := eutils.New(eutils.Options{BaseURL: "http://127.0.0.1:1/"})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	_, err = client.Fetch(context.Background(), []schemas.PMID{1})
	if !errors.Is(err, eutils.ErrUnavailable) || time.Since(start) > 900*time.Millisecond {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}
