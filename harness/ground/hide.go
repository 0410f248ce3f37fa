package ground

import (
	"path/filepath"
	"slices"
	"strings"
)

// own are the folders in which programs meet by accident: Unix sockets, lock
// files, shared memory. Each machine has its own.
var own = []string{"/run", "/dev/shm", "/tmp", "/var/tmp"}

// covered is a folder that a machine has for itself, and what of the harness's
// stays to be seen in it.
type covered struct {
	folder string
	keep   []string // below folder, none below another
}

// cover says which of the folders a machine gets for itself. One that is to be
// kept whole is not covered.
func cover(folders, keep []string) (all []covered) {
	for _, folder := range folders {
		c := covered{folder: folder}
		whole := false
		for _, path := range keep {
			path = filepath.Clean(path)
			switch {
			case within(folder, path):
				whole = true
			case within(path, folder) && !slices.Contains(c.keep, path):
				c.keep = append(c.keep, path)
			}
		}
		if whole {
			continue
		}
		c.keep = slices.DeleteFunc(c.keep, func(path string) bool {
			return slices.ContainsFunc(c.keep, func(o string) bool { return o != path && within(path, o) })
		})
		slices.Sort(c.keep)
		all = append(all, c)
	}
	return all
}

// within reports whether a path is the folder or lies in it.
func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, strings.TrimSuffix(folder, "/")+"/")
}
