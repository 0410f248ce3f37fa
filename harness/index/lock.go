package index

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// The lock on a store's folder says who has its database. Campaigns share it, as
// each writes rows of its own; who puts another file in the database's place must
// have it alone, since a row that is written to the old file then is lost. It goes
// with the process that holds it, however that ends.

// holdShared waits until nobody replaces the store's database, and then has nobody
// begin to. The file lets go when it is closed.
func holdShared(store string) (*os.File, error) { return hold(store, unix.LOCK_SH) }

// holdAlone refuses if anybody writes the store's database.
func holdAlone(store string) (*os.File, error) {
	file, err := hold(store, unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, fmt.Errorf("a campaign writes the database of %s, or another rebuilds it: try again when it has ended", store)
	}
	return file, err
}

func hold(store string, how int) (*os.File, error) {
	folder, err := os.Open(store)
	if err != nil {
		return nil, err
	}
	for {
		err := unix.Flock(int(folder.Fd()), how)
		if err == nil {
			return folder, nil
		}
		if !errors.Is(err, unix.EINTR) {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", store, err), folder.Close())
		}
	}
}
