package completions

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"github.com/pubmine/pubmine/model/tokenizer"
)

func TestShowHoldsBackTheLastWord(t *testing.T) {
	tok, err := tokenizer.Learn(
		map[string]int{"the": 9, "cell": 5, "wall": 4, "is": 8, "of": 7, "a": 9, "thin": 3, "well": 2}, 60,
	)
	if err != nil {
		t.Fatal(err)
	}
	ids := tok.Encode("the cell wall is thin")
	a := &completion{text: "the cell", prompt: ids[:3]}
	var out bytes.Buffer
	w := &Printer{tok: tok, out: bufio.NewWriter(&out)}
	last := ""
	for n := 1; n <= len(ids)-3; n++ {
		w.show(a, ids[3:3+n])
		if !strings.HasPrefix(out.String(), last) || !strings.HasPrefix("the cell wall is thin", out.String()) {
			t.Errorf("shown: %q", out.String())
		}
		last = out.String()
	}
	if last == "" || strings.HasSuffix(last, "thin") {
		t.Errorf("shown before the end: %q", last)
	}
}
