package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// The limits of an index.
const (
	maxIndex  = 16 << 20 // bytes
	maxShards = 1000
)

// readIndex returns the file of each tensor.
func readIndex(data []byte, extension string) (map[string]string, error) {
	var index struct {
		Places map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(data, &index); err != nil {
		return nil, err
	}
	if len(index.Places) == 0 {
		return nil, errors.New("its weight_map is empty")
	}
	for tensor, file := range index.Places {
		if strings.ContainsAny(file, `/\:`) || strings.HasPrefix(file, ".") || !strings.HasSuffix(file, extension) ||
			!fs.ValidPath(file) {
			return nil, fmt.Errorf(
				"the index names %.200[2]q for tensor %.200[1]q, which is not a %[3]s file in its directory",
				tensor, file, extension,
			)
		}
	}
	return index.Places, nil
}

// addIndex adds the tensors of the files that an index names.
func (c *Checkpoint) addIndex(fsys fs.FS, name string) error {
	data, err := readSmall(fsys, name)
	if err != nil {
		return err
	}
	extension := ".safetensors"
	if strings.Contains(name, ".bin.") {
		extension = ".bin"
	}
	places, err := readIndex(data, extension)
	if err != nil {
		return err
	}
	c.Files = append(c.Files, name)
	files := slices.Compact(slices.Sorted(maps.Values(places)))
	if len(files) > maxShards {
		return fmt.Errorf("it names %d files, more than %d", len(files), maxShards)
	}
	for _, file := range files {
		names, err := c.addFile(fsys, file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, tensor := range names {
			if places[tensor] != file {
				return fmt.Errorf("%s holds tensor %.200q, which the index does not say", file, tensor)
			}
		}
	}
	for tensor, file := range places {
		if _, ok := c.Set[tensor]; !ok {
			return fmt.Errorf("%s does not hold tensor %.200q, as the index says", file, tensor)
		}
	}
	c.Format, c.Metadata = fmt.Sprintf("%s, %d files", c.Format, len(files)), nil
	return nil
}

// readSmall reads a file of at most maxIndex bytes.
func readSmall(fsys fs.FS, name string) ([]byte, error) {
	in, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, maxIndex+1))
	if err == nil && len(data) > maxIndex {
		err = fmt.Errorf("it has more than %d bytes", maxIndex)
	}
	return data, err
}
