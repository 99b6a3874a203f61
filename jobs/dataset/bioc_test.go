package dataset_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/pubmine/pubmine/jobs/dataset"
)

// Offsets may count code points, bytes or UTF-16 units: the same mentions are read.
func TestBioCUnits(t *testing.T) {
	units := map[string]func(string) int{
		"code points": utf8.RuneCountInString,
		"bytes":       func(s string) int { return len(s) },
		"UTF-16":      func(s string) int { return len(utf16.Encode([]rune(s))) },
	}
	rapid.Check(t, func(t *rapid.T) {
		// At least one character outside of ASCII precedes the names, so that no two units agree by
		// chance on all of them.
		title := "😀é " + strings.Join(
			rapid.SliceOfN(rapid.StringMatching(`[a-zα-ω😀]{1,5}`), 1, 5).Draw(t, "title"), " ",
		)
		words := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{3,6}`), 3, 6, rapid.ID[string]).Draw(t, "words")
		abstract := strings.Join(words, " ß😀 ")
		var want []string
		for _, w := range words {
			want = append(want, "Tool "+w+" []")
		}
		for name, size := range units {
			var annotations []string
			at := size(title) + 1
			for _, w := range words {
				annotations = append(
					annotations,
					fmt.Sprintf(
						`{"id": %q, "infons": {"type": "Tool"}, "text": %q, "locations": [{"offset": %d, "length": `+
							`%d}]}`,
						w,
						w,
						at,
						size(w),
					),
				)
				at += size(w + " ß😀 ")
			}
			text := fmt.Sprintf(
				`{"id": "1", "passages": [{"infons": {"type": "title"}, "offset": 0, "text": %q, "annotations": `+
					`[]}, {"infons": {"type": "abstract"}, "offset": %d, "text": %q, "annotations": [%s]}]}`,
				title,
				size(title)+1,
				abstract,
				strings.Join(annotations, ", "),
			)
			examples, stats, err := dataset.BioCJSON(strings.NewReader(text), dataset.UserRules("x", "train", false))
			if err != nil || stats.Dropped > 0 {
				t.Fatalf("%s: %v, %+v in %s", name, err, stats, text)
			}
			if diff := cmp.Diff(want, plainly(examples)[0].Mentions); diff != "" {
				t.Fatalf("%s: %s", name, diff)
			}
		}
	})
}

// Arrays, collections and single documents may follow each other.
func TestBioCMerges(t *testing.T) {
	document := func(id string) string {
		return `{"id": "` + id + `", "passages": [{"offset": 0, "text": "One"}, {"offset": 4, "text": "Two"}]}`
	}
	in := document(
		"1",
	) + "\n" + `{"documents": [` + document(
		"2",
	) + `]}` + `[` + document(
		"3",
	) + `, {"PubTator3": [` + document(
		"4",
	) + `]}]`
	examples, _, err := dataset.BioCJSON(strings.NewReader(in), dataset.UserRules("x", "train", false))
	if err != nil || len(examples) != 4 {
		t.Fatal(len(examples), err)
	}
	for i, e := range examples {
		if e.ID != fmt.Sprint(i+1) || e.Doc.Title() != "One" || e.Doc.Abstract() != "Two" {
			t.Errorf("document %d: %+v", i, e.Doc)
		}
	}
}

// TestBioCVariants reads documents of PubTator 3, sentences, several locations, nodes and UTF-16
// offsets.
func TestBioCVariants(t *testing.T) {
	const pubtator3 = `{"PubTator3": [{"_id": "7|None", "id": 7, "passages": [
		{"infons": {"type": "title"}, "offset": 0, "text": "😀 zorvaline", "annotations": [
			{"id": "2", "infons": {"identifier": "MESH:D1", "type": "Chemical", "valid": true, "normalized": [1]}, ` +
		`"text": "zorvaline", "locations": [{"offset": 3, "length": 9}]}]},
		{"infons": {"section_type": "CONCL", "type": "paragraph"}, "offset": 13, "text": "left and right ear pain",` +
		` "annotations": [
			{"id": "3", "infons": {"identifier": null, "type": "Disease"}, "text": "right ear pain", "locations": ` +
		`[{"offset": 22, "length": 14}]},
			{"id": "4", "infons": {"identifier": "-", "type": "Disease"}, "text": "left ear pain", "locations": ` +
		`[{"offset": 13, "length": 4}, {"offset": 28, "length": 8}]},
			{"id": "5", "infons": {"type": "Disease"}, "text": "ear pain", "locations": [{"offset": 28, "length": ` +
		`3}, {"offset": 32, "length": 4}]}]}],
		"relations": [
			{"id": "R1", "infons": {"role1": {"identifier": "MESH:D1"}, "role2": "Disease|MESH:D9", "type": ` +
		`"treat"}, "nodes": [{"refid": "0", "role": "0,1"}]},
			{"id": "R2", "infons": {"type": "cause"}, "nodes": [{"refid": "3", "role": "object"}, {"refid": "2", ` +
		`"role": "subject"}]}]}]}`
	examples, stats, err := dataset.BioCJSON(strings.NewReader(pubtator3), dataset.UserRules("x", "train", false))
	if err != nil || stats.Dropped > 0 {
		t.Fatal(err, stats)
	}
	want := []plain{{
		ID: "7", PMID: 7, Text: "😀 zorvaline left and right ear pain", Types: []string{"Chemical", "Disease"},
		Mentions:  []string{"Chemical zorvaline [MESH:D1]", "Disease right ear pain []", "Disease ear pain []"},
		Masked:    []string{"Disease left and right ear pain"},
		Relations: []string{"cause: zorvaline - right ear pain"}, States: []string{"treat: MESH:D1 - MESH:D9"},
	}}
	if diff := cmp.Diff(want, plainly(examples)); diff != "" {
		t.Error(diff)
	}
	if l := examples[0].Doc.Sections[1].Label; l != "CONCLUSIONS" {
		t.Errorf("label %q", l)
	}
	const sentences = `<?xml version="1.0" encoding="ascii"?><collection><document><id>a</id><passage><offset>0</offset>
		<sentence><offset>0</offset><text>One.</text></sentence>
		<sentence><offset>6</offset><text>Two hammers.</text>
		<annotation id="T1"><infon key="type">Tool</infon><location offset="10" length="7"/><text>hammers</text>` +
		`</annotation></sentence></passage></document></collection>`
	examples, _, err = dataset.BioCXML(strings.NewReader(sentences), dataset.UserRules("x", "train", false))
	if err != nil {
		t.Fatal(err)
	}
	want = []plain{
		{ID: "a", Text: " One.  Two hammers.", Types: []string{"Tool"}, Mentions: []string{"Tool hammers []"}},
	}
	if diff := cmp.Diff(want, plainly(examples)); diff != "" {
		t.Error(diff)
	}
}
