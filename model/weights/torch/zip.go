package torch

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"
)

// maxDirectory is how many bytes of an archive may be read to find its entries; that of a published
// checkpoint has 60 kB. Entries in memory take about ten times the bytes.
const maxDirectory = 4 << 20

// budget is a reader that refuses when too much is read.
type budget struct {
	io.ReaderAt
	left int64
}

// ReadAt reads as long as the budget lasts.
func (b *budget) ReadAt(p []byte, off int64) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, fmt.Errorf("the archive's directory has more than %d bytes", maxDirectory)
	}
	return b.ReaderAt.ReadAt(p, off)
}

func (h *host) readZip(r io.ReaderAt, size int64) (any, error) {
	in := &budget{r, maxDirectory}
	archive, err := zip.NewReader(in, size)
	if err != nil {
		return nil, fmt.Errorf("the archive's directory: %w", err)
	}
	in.left = size // for the entries' own headers
	entries := map[string]*zip.File{}
	folder := ""
	for _, f := range archive.File {
		if _, twice := entries[f.Name]; twice {
			return nil, fmt.Errorf("entry %.200q is duplicated", f.Name)
		}
		entries[f.Name] = f
		if parent, ok := strings.CutSuffix(f.Name, "/data.pkl"); ok && !strings.Contains(parent, "/") {
			if folder != "" {
				return nil, fmt.Errorf("folders %.200q and %.200q both have a data.pkl", folder, parent)
			}
			folder = parent
		}
	}
	if folder == "" {
		return nil, fmt.Errorf("no folder of the archive has a data.pkl")
	}
	if order, ok := entries[folder+"/byteorder"]; ok {
		if err := littleEndian(r, order, size); err != nil {
			return nil, err
		}
	}
	at, err := place(entries[folder+"/data.pkl"], size)
	if err != nil {
		return nil, err
	}
	object, err := decode(io.NewSectionReader(r, at, int64(entries[folder+"/data.pkl"].UncompressedSize64)), h)
	if err != nil {
		return nil, fmt.Errorf("data.pkl: %w", err)
	}
	for key, s := range h.storages {
		f, ok := entries[folder+"/data/"+key]
		if !ok {
			return nil, fmt.Errorf("storage %.200q is not in the archive", key)
		}
		if s.at, err = place(f, size); err != nil {
			return nil, err
		}
		if have := f.UncompressedSize64; have != uint64(s.elements)*uint64(s.dtype.Size()) {
			return nil, fmt.Errorf(
				"storage %.200q has %d bytes, %d elements of type %s need %d", key, have, s.elements, s.dtype,
				s.elements*int64(s.dtype.Size()),
			)
		}
	}
	return object, nil
}

// littleEndian checks the entry with the byte order.
func littleEndian(r io.ReaderAt, f *zip.File, size int64) error {
	at, err := place(f, size)
	if err != nil {
		return err
	}
	text := make([]byte, min(f.UncompressedSize64, 16))
	if n, err := r.ReadAt(text, at); n < len(text) {
		return fmt.Errorf("entry %.200q: %w", f.Name, err)
	}
	if string(text) != "little" {
		return fmt.Errorf("its bytes are in the order %.200q: only little endian files are read", text)
	}
	return nil
}

// place returns the offset of the bytes of an entry in the file.
func place(f *zip.File, size int64) (int64, error) {
	if f.Method != zip.Store || f.Flags&1 != 0 || f.CompressedSize64 != f.UncompressedSize64 {
		return 0, fmt.Errorf("entry %.200q is deflated or encrypted: torch stores entries uncompressed", f.Name)
	}
	at, err := f.DataOffset()
	if err != nil {
		return 0, fmt.Errorf("entry %.200q: %w", f.Name, err)
	}
	if at < 0 || at > size || f.UncompressedSize64 > uint64(size-at) {
		return 0, fmt.Errorf("entry %.200q is truncated", f.Name)
	}
	return at, nil
}
