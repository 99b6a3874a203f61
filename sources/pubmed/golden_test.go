package pubmed_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pubmine/pubmine/schemas"
	"github.com/pubmine/pubmine/sources/pubmed"
)

var update = flag.Bool("update", false, "rewrite the expected output")

// TestGolden decodes the records in testdata/pubmed and compares everything with what stands beside
// them. One line of a golden file is one field of one document; empty fields are left out, and
// dates are spelled out.
func TestGolden(t *testing.T) {
	for _, path := range handwritten(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := render(t, raw)
			golden := path + ".golden.json"
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("run with -update if this is right (-want +got):\n%s", diff)
			}
		})
	}
}

// handwritten lists the files in testdata/pubmed.
func handwritten(t testing.TB) []string {
	t.Helper()
	plain, err := filepath.Glob("../../testdata/pubmed/*.xml")
	if err != nil {
		t.Fatal(err)
	}
	packed, err := filepath.Glob("../../testdata/pubmed/*.xml.gz")
	if err != nil {
		t.Fatal(err)
	}
	return append(plain, packed...)
}

func render(t *testing.T, raw []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	mark := "[\n"
	for doc, err := range pubmed.Documents(bytes.NewReader(raw), "input") {
		var reject *schemas.Reject
		var lines []string
		switch {
		case errors.As(err, &reject):
			lines = fieldLines(t, reflect.ValueOf(*reject))
		case err != nil:
			t.Fatal(err)
		default:
			lines = fieldLines(t, reflect.ValueOf(*doc))
		}
		fmt.Fprintf(&out, "%s{%s}", mark, strings.Join(lines, ",\n "))
		mark = ",\n"
	}
	out.WriteString("]\n")
	return out.Bytes()
}

// fieldLines renders each field of a struct that is not empty; those of Citation as if they were
// its own.
func fieldLines(t *testing.T, v reflect.Value) []string {
	t.Helper()
	var lines []string
	for i := range v.NumField() {
		if v.Type().Field(i).Name == "Citation" {
			lines = append(lines, fieldLines(t, v.Field(i))...)
			continue
		}
		plain := pruned(v.Field(i))
		if plain == nil {
			continue
		}
		var line bytes.Buffer
		e := json.NewEncoder(&line)
		e.SetEscapeHTML(false)
		if err := e.Encode(plain); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%q: %s", v.Type().Field(i).Name, bytes.TrimSpace(line.Bytes())))
	}
	return lines
}

// pruned turns a value into maps and lists without what is empty; nil when nothing is left.
func pruned(v reflect.Value) any {
	if v.IsZero() {
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		if date, ok := v.Interface().(*schemas.Date); ok {
			return time.Unix(int64(*date)*86400, 0).UTC().Format(time.DateOnly)
		}
		return pruned(v.Elem())
	case reflect.Struct:
		m := make(map[string]any)
		for i := range v.NumField() {
			if p := pruned(v.Field(i)); p != nil {
				m[v.Type().Field(i).Name] = p
			}
		}
		return m
	case reflect.Slice:
		list := []any{}
		for i := range v.Len() {
			list = append(list, pruned(v.Index(i)))
		}
		return list
	}
	return v.Interface()
}
