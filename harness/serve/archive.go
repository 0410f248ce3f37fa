package serve

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// archive sends a run's folder as one archive: its plain files, and no links.
func (s *Server) archive(w http.ResponseWriter, folder string) {
	w.Header().Set("Content-Type", "application/gzip")
	w.Header().Set("Content-Disposition", `attachment; filename="`+safe(path.Base(folder))+`.tar.gz"`)
	zip := gzip.NewWriter(w)
	out := tar.NewWriter(zip)
	err := fs.WalkDir(s.root.FS(), folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		return s.pack(out, name, path.Join(path.Base(folder), strings.TrimPrefix(name, folder)))
	})
	if err != nil {
		return // an archive without its end: whoever unpacks it is told
	}
	_ = out.Close()
	_ = zip.Close()
}

func (s *Server) pack(out *tar.Writer, name, as string) error {
	file, err := s.root.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	head := &tar.Header{Name: as, Mode: 0o644, Size: info.Size(), ModTime: info.ModTime(), Format: tar.FormatPAX}
	if err := out.WriteHeader(head); err != nil {
		return err
	}
	_, err = io.CopyN(out, file, info.Size()) // what a run adds meanwhile is left out
	return err
}

// safe keeps a name inside its quotes.
func safe(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == '\\' || r > '~' {
			return '_'
		}
		return r
	}, name)
}
