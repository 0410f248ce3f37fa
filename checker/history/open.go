package history

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Open opens a history file, plain or compressed (by its name, .zst), and reads
// its header. The caller closes the reader.
func Open(path string) (*Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open history: %w", err)
	}
	if !strings.HasSuffix(path, ".zst") {
		r, err := NewReader(file, path)
		if err != nil {
			file.Close()
			return nil, err
		}
		r.close = file.Close
		return r, nil
	}
	plain, err := zstd.NewReader(file)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("open history %s: %w", path, err)
	}
	closeBoth := func() error {
		plain.Close()
		return file.Close()
	}
	r, err := NewReader(plain, path)
	if err != nil {
		_ = closeBoth()
		return nil, err
	}
	r.close = closeBoth
	r.again = func() (io.Reader, error) {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		return plain, plain.Reset(file)
	}
	return r, nil
}
