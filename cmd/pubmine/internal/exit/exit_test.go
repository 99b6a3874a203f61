package exit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pubmine/pubmine/jobs"
	"github.com/pubmine/pubmine/jobs/corpus"
	"github.com/pubmine/pubmine/pipeline"
	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources"
)

func TestCode(t *testing.T) {
	bad := &schemas.BadInputError{Path: "a.xml", Err: errors.New("it is empty: fetch it again")}
	changed := &schemas.BadInputError{Path: "b.xml", Err: sources.ErrChanged}
	for _, test := range []struct {
		err  error
		code int
		out  string
	}{
		{InputErrors{{Err: changed}}, 75, "pubmine: bad input: b.xml: the file was changed while it was read: run again\n"},
		{InputErrors{{Err: changed}, {Err: bad}}, 42, "pubmine: bad input: b.xml: the file was changed"},
		{nil, 0, ""},
		{errors.New("what: where"), 1, "pubmine: what: where\n"},
		{Usage("--x %d: no", 3), 2, "pubmine: --x 3: no\n"},
		{RejectsError{Share: 0.5, Allowed: 0.05}, 3, "pubmine: rejects: 50.0% of the records"},
		{fmt.Errorf("unit a: %w", bad), 42, "pubmine: unit a: a.xml: it is empty: fetch it again\n"},
		{InputErrors{{Err: bad}, {Err: bad}}, 42,
			strings.Repeat("pubmine: bad input: a.xml: it is empty: fetch it again\n", 2)},
		{&pipeline.PanicError{Value: "oh", Stack: []byte("at x\n")}, 70,
			"pubmine: panic: oh\nThis is a bug of pubmine. Please report it with this trace:\nat x\n"},
		{&Panic{Value: "oh", Stack: []byte("at x\n")}, 70, "pubmine: internal error: oh\nThis is a bug"},
		{fmt.Errorf("corpus C: %w", corpus.ErrLocked), 75, "pubmine: corpus C: another run is at work"},
		{fmt.Errorf("corpus C: %w", corpus.ErrNoSpace), 75, "pubmine: corpus C: "},
		{LaterError{Err: errors.New("pip: no network")}, 75, "pubmine: pip: no network\n"},
		{&jobs.StoppedError{Cause: errors.New("terminated")}, 75,
			"pubmine: stopped in good order: terminated: run the same command again to continue\n"},
		{fmt.Errorf("train: %w", context.Canceled), 75, "pubmine: train: context canceled\n"},
		{errors.Join(errors.New("one"), errors.New("two")), 1, "pubmine: one\npubmine: two\n"},
		{fmt.Errorf("x: %w", errors.Join(errors.New("one"), errors.New("two"))), 1, "pubmine: x: one\npubmine: two\n"},
		{errors.New("a\nforged\x1b[2J\u202e"), 1, `pubmine: a\nforged\x1b[2J\u202e` + "\n"},
		{errors.New("http://me:SECRET@host/x?token=SECRET: no"), 1, "pubmine: http://***@host/x?token=***: no\n"},
	} {
		var b bytes.Buffer
		if code := Report(&b, test.err); code != test.code || !strings.HasPrefix(b.String(), test.out) {
			t.Errorf("%v: exit code %d, want %d; printed %q", test.err, code, test.code, b.String())
		}
	}
}

func TestPlainMessage(t *testing.T) {
	dir := t.TempDir()
	_, missing := os.Open(filepath.Join(dir, "none"))
	_, directory := os.ReadFile(dir)
	_, network := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", "127.0.0.1:1")
	for _, test := range []struct {
		err  error
		want string
	}{
		{fmt.Errorf("recipe: %w", missing), "recipe: " + dir + "/none: no such file or directory: check the path"},
		{fmt.Errorf("%s: %w", dir, directory), dir + ": it is a directory: give a file"},
		{fmt.Errorf("recipe x: %w", io.EOF), "recipe x: it is empty or cut off"},
		{fmt.Errorf("x: %w", io.ErrUnexpectedEOF), "x: it is empty or cut off"},
		{fmt.Errorf("no connection: %w", network), "no connection: connection refused"},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Name: "host"}}, "the name host cannot be resolved"},
		{errors.New("other"), "other"},
	} {
		if got := plainMessage(test.err); got != test.want {
			t.Errorf("%v: %q, want %q", test.err, got, test.want)
		}
	}
}
