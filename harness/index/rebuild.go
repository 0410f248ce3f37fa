package index

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"groupy/harness/campaign"
)

// Rebuild makes a store's database anew from its campaigns' journals, and gives
// their number and that of the lines. The old one is replaced when the new one is
// whole. While a campaign of the store is carried on it refuses: what the campaign
// writes meanwhile would be missing.
func Rebuild(store string) (campaigns, lines int, err error) {
	lock, err := holdAlone(store)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	dirs, err := campaign.Campaigns(store)
	if err != nil {
		return 0, 0, err
	}
	half, err := os.MkdirTemp(store, ".rebuild-")
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(half)) }()
	if lines, err = fill(half, dirs); err != nil {
		return 0, 0, err
	}
	return len(dirs), lines, replace(store, filepath.Join(half, DBFile))
}

// fill makes a database of the campaigns in an empty folder.
func fill(folder string, dirs []string) (lines int, err error) {
	db, err := OpenDB(folder)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, dir := range dirs {
		n, err := db.Sync(dir)
		if err != nil {
			return 0, err
		}
		lines += n
	}
	return lines, nil
}

// replace puts a database in the place of the store's. A campaign that was killed
// may have left a rollback journal: SQLite would take it for the new file's and
// put pages of the old one into it, so the journal goes first.
func replace(store, whole string) error {
	path := filepath.Join(store, DBFile)
	if err := os.Remove(path + "-journal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove what a killed campaign left: %w", err)
	}
	return os.Rename(whole, path)
}
