package convert

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/pubmine/pubmine/model/tokenizer"
)

// maxUnnamed is the maximum number of rows of the token table without a piece: soft prompts.
const maxUnnamed = 64

// readVocabulary checks the vocabulary against the token table.
func (m *Model) readVocabulary() error {
	dir := m.source.Vocabulary
	if dir == nil {
		return nil
	}
	for _, pair := range [][]string{{"vocab.json", "merges.txt"}, {"dict.txt", "bpecodes"}} {
		if _, err := fs.Stat(dir, pair[0]); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		for _, name := range pair {
			if _, err := read(dir, name); err != nil {
				return err
			}
		}
		m.files = pair
		break
	}
	if m.files == nil {
		return errors.New("no vocabulary: vocab.json and merges.txt, or dict.txt and bpecodes, are needed")
	}
	tok, err := tokenizer.Load(dir)
	if err != nil {
		return err
	}
	m.Pieces = tok.Size()
	if m.Pieces > m.Config.Vocab || m.Pieces < m.Config.Vocab-maxUnnamed {
		return fmt.Errorf(
			"%s has %d pieces, the config %d: it is not the vocabulary of these weights", m.files[0], m.Pieces,
			m.Config.Vocab,
		)
	}
	return nil
}
