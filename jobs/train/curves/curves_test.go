package curves_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/jobs/train/curves"
)

var update = flag.Bool("update", false, "rewrite the expected files")

func TestWrite(t *testing.T) {
	points := []curves.Point{
		{Epoch: 1, Loss: 0.2, F1: 0.5},
		{Epoch: 2, Loss: 0.1, F1: 0.75},
		{Epoch: 3, Loss: 0.05, F1: 0.7},
	}
	var b bytes.Buffer
	if err := curves.Write(&b, "stars <&>", points, 2); err != nil {
		t.Fatal(err)
	}
	expect(t, "three.html", b.Bytes())
}

func TestWriteLosses(t *testing.T) {
	points := []curves.Losses{
		{Step: 50, Train: 6, Dev: 5.5},
		{Step: 100, Train: 5, Dev: 5},
		{Step: 120, Train: 4.5, Dev: 5.1},
	}
	var b bytes.Buffer
	if err := curves.WriteLosses(&b, "language", points, 100); err != nil {
		t.Fatal(err)
	}
	expect(t, "losses.html", b.Bytes())
}

// expect compares a page with the expected one.
func expect(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("run with -update after looking at it (-want +got):\n%s", diff)
	}
}

// The page is well-formed and holds finite numbers, whatever the points are.
func TestWriteOdd(t *testing.T) {
	for _, points := range [][]curves.Point{
		nil, {{Epoch: 1}}, {{Epoch: 1, Loss: math.NaN()}, {Epoch: 2, Loss: math.Inf(1), F1: 1}},
	} {
		var b bytes.Buffer
		if err := curves.Write(&b, "odd", points, 1); err != nil {
			t.Fatal(err)
		}
		svg := b.String()[strings.Index(b.String(), "<svg"):]
		in := xml.NewDecoder(strings.NewReader(svg[:strings.Index(svg, "</svg>")+6]))
		for {
			if _, err := in.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%v in %s", err, svg)
			}
		}
	}
}
