package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Find gives the path of a run, or of a file, that somebody names: a path that is
// there, a link of the store, a run's seed, or the beginning of its folder's name. The
// last two must fit one run alone; the error lists those that they fit.
func Find(root, name string) (string, error) {
	_, err := os.Stat(name)
	if err == nil || !errors.Is(err, fs.ErrNotExist) || strings.ContainsRune(name, filepath.Separator) {
		return name, nil // whoever opens it says best what is wrong with it
	}
	if name == Latest || name == LatestInvalid {
		return filepath.Join(root, name), nil
	}
	all, err := Runs(root)
	if err != nil {
		return "", err
	}
	var begin, seed []string
	for _, run := range all {
		base := filepath.Base(string(run))
		if strings.HasPrefix(base, name) {
			begin = append(begin, string(run))
		}
		if _, of, found := strings.Cut(base, "-"); found && of == fileName(name) {
			seed = append(seed, string(run))
		}
	}
	fit := seed
	if len(fit) == 0 {
		fit = begin
	}
	switch len(fit) {
	case 0:
		return "", fmt.Errorf("%s is no file, and no run of %s has that seed or begins so", name, root)
	case 1:
		return fit[0], nil
	}
	slices.Sort(fit)
	const most = 5
	more := ""
	if len(fit) > most {
		more = fmt.Sprintf(" and %d more", len(fit)-most)
	}
	return "", fmt.Errorf("%s may be %s%s: name one", name, strings.Join(fit[max(0, len(fit)-most):], ", "), more)
}

// Runs are the folders of a store's runs, those of its campaigns among them: folders
// that hold a plan. A store that is not there has none.
func Runs(root string) (runs []Folder, err error) {
	for _, depth := range []string{"*/*", "*/*/*/*"} {
		plans, err := filepath.Glob(filepath.Join(root, depth, PlanFile))
		if err != nil {
			return nil, err
		}
		for _, path := range plans {
			runs = append(runs, Folder(filepath.Dir(path)))
		}
	}
	return runs, nil
}
