// Package expected compares the outputs of a model with a file of outputs that another program
// computed from the same weights, to verify a converted checkpoint.
//
// The file is JSON, gzipped or not:
//
//	{"forward": [{"name": …, "input_ids": [[…]], "attention_mask": [[…]],
//	    "selected": [{"row": r, "pos": p, "last_hidden_state": […], "logits": […]}],
//	    "all_positions": {"logit_argmax": [[…]], "logsumexp": [[…]]}}],
//	 "generation": [{"name": …, "input_ids": …, "attention_mask": …,
//	    "generate": {"num_beams": 5, "max_new_tokens": 24, …}, "new_tokens": [[…]],
//	    "token_log_probs": [[…]], "sequences_scores": […]}]}
//
// Rows may be padded on either side, where the mask is 0; a row's tokens have the positions 0, 1,
// 2, … A batch with a "positions_rule" other than "cumsum(mask)*mask-1" is ignored, because its
// positions differ. All fields of an output and both lists are optional. "generate" has
// transformers' names; its early_stopping is true or false. Unknown numbers in it are an error.
//
// golden/biogpt-tiny has this format (reference README.md of the golden fixtures).
package expected

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxFile is the maximum size of a file in bytes, decompressed.
const maxFile = 1 << 30

// File is a file of expected outputs.
type File struct {
	Forwards    []forward    `json:"forward"`
	Generations []generation `json:"generation"`
}

// input is a padded batch of sequences.
type input struct {
	Name string    `json:"name"`
	IDs  [][]int32 `json:"input_ids"`
	Mask [][]int32 `json:"attention_mask"`
}

// forward is a batch and the outputs of the trunk and of the language model's head.
type forward struct {
	input
	Rule     string     `json:"positions_rule"`
	Selected []selected `json:"selected"`
	All      struct {
		Argmax    [][]int      `json:"logit_argmax"`
		LogSumExp [][]*float64 `json:"logsumexp"`
	} `json:"all_positions"`
}

// cumulative is the rule for positions in this program.
const cumulative = "cumsum(mask)*mask-1"

// selected is one token's output.
type selected struct {
	Row    int       `json:"row"`
	Pos    int       `json:"pos"`
	State  []float32 `json:"last_hidden_state"`
	Logits []float32 `json:"logits"`
}

// generation is a batch of prompts and their completions.
type generation struct {
	input
	Options  json.RawMessage `json:"generate"`
	Tokens   [][]int32       `json:"new_tokens"`
	LogProbs [][]float64     `json:"token_log_probs"`
	Scores   []float64       `json:"sequences_scores"`
}

// Read reads a file.
func Read(r io.Reader) (*File, error) {
	in := bufio.NewReader(r)
	r = in
	if begin, _ := in.Peek(2); bytes.Equal(begin, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("expected outputs: %w", err)
		}
		r = z
	}
	limited := &io.LimitedReader{R: r, N: maxFile}
	var f File
	err := json.NewDecoder(limited).Decode(&f)
	if err == nil && len(f.Forwards)+len(f.Generations) == 0 {
		err = errors.New("it has neither forward nor generation")
	}
	if limited.N == 0 {
		err = fmt.Errorf("it has more than %d bytes", maxFile)
	}
	if err == nil {
		err = f.check()
	}
	if err != nil {
		return nil, fmt.Errorf("expected outputs: %w", err)
	}
	return &f, nil
}

// check returns an error for the first inconsistency in a file.
func (f *File) check() error {
	for _, b := range f.Forwards {
		if err := b.input.check(); err != nil {
			return err
		}
		for _, s := range b.Selected {
			if s.Row < 0 || s.Row >= len(b.IDs) || s.Pos < 0 || s.Pos >= len(b.IDs[s.Row]) ||
				b.Mask[s.Row][s.Pos] == 0 {
				return fmt.Errorf("batch %s: row %d has no token at %d", b.Name, s.Row, s.Pos)
			}
		}
		if n := len(b.All.Argmax); n != 0 && n != len(b.IDs) || len(b.All.LogSumExp) != n {
			return fmt.Errorf("batch %s: all_positions does not have a row for each sequence", b.Name)
		}
		for i := range b.All.Argmax {
			if len(b.All.Argmax[i]) != len(b.IDs[i]) || len(b.All.LogSumExp[i]) != len(b.IDs[i]) {
				return fmt.Errorf("batch %s: all_positions of row %d does not have a value for each token", b.Name, i)
			}
		}
	}
	for _, g := range f.Generations {
		if err := g.input.check(); err != nil {
			return err
		}
	}
	return nil
}

func (in input) check() error {
	if len(in.IDs) != len(in.Mask) {
		return fmt.Errorf("batch %s: %d rows of ids, %d of the mask", in.Name, len(in.IDs), len(in.Mask))
	}
	for i := range in.IDs {
		if len(in.IDs[i]) != len(in.Mask[i]) {
			return fmt.Errorf("batch %s, row %d: %d ids, a mask of %d", in.Name, i, len(in.IDs[i]), len(in.Mask[i]))
		}
	}
	return nil
}

// sequences returns the rows without padding.
func (in input) sequences() [][]int32 {
	rows := make([][]int32, len(in.IDs))
	for i, ids := range in.IDs {
		for j, id := range ids {
			if in.Mask[i][j] != 0 {
				rows[i] = append(rows[i], id)
			}
		}
	}
	return rows
}

// place returns the index of the token, in its sequence, that is in a column of a row.
func (in input) place(row, column int) int {
	n := 0
	for _, m := range in.Mask[row][:column] {
		if m != 0 {
			n++
		}
	}
	return n
}
