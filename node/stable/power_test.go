package stable_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"groupy/nemesis/disk"
	"groupy/node/draw"
	"groupy/node/stable"
)

// life is one life of a store on a disk in memory, as a node lives it: what it wants
// kept, in order, and the calls that this comes to.
type life struct {
	folder  *disk.Folder
	session int
	synced  stable.Found // what Sync has returned for
	asked   []stable.Found
	made    int
}

func found(f stable.Found) string { return fmt.Sprintf("%q %q", f.Base, f.Records) }

// make makes calls until most are made, and reports whether all were.
func (l *life) make(most int) bool {
	for _, c := range l.folder.Calls() {
		if l.made == most {
			return false
		}
		l.made++
		c.Make()
	}
	return true
}

// start opens the store with so many of its calls made, and gives what was found.
func (l *life) start(t testing.TB, mutant string, most int) (s *stable.Store, f stable.Found, whole bool, err error) {
	s, f, err = stable.Open(l.folder, member, l.session, mutant)
	if err != nil {
		return nil, f, false, err
	}
	return s, f, l.make(most), nil
}

// run plays records, syncs and bases until most calls are made.
func (l *life) run(t testing.TB, mutant string, most int) error {
	s, now, whole, err := l.start(t, mutant, most)
	if err != nil || !whole {
		return err
	}
	l.asked = append(l.asked, now)
	l.session++ // its start is known
	for i := range 4 {
		size := []int{40, 900, 0, 1500}[i]
		if i == 2 {
			now = stable.Found{Base: bytes.Repeat([]byte{byte('A' + l.session)}, 700)}
			s.Replace(now.Base)
			l.asked = append(l.asked, now)
		}
		for range 2 {
			r := bytes.Repeat([]byte{byte('a' + i), byte('0' + l.session)}, size/2+3)
			s.Append(r)
			now.Records = append(slices.Clip(now.Records), r)
			l.asked = append(l.asked, now)
		}
		if err := s.Sync(); err != nil {
			return err
		}
		if !l.make(most) {
			return nil
		}
		l.synced = now
	}
	return nil
}

// broken reports what a power loss did to a store that it may not do: with the calls
// that were made before it.
func broken(t testing.TB, model disk.Model, mutant, seed string, most int, ways []string) string {
	l := &life{folder: &disk.Folder{Memory: disk.NewMemory(model)}, session: 1}
	key := draw.New(seed)
	for round := range 3 { // power is lost, also in the middle of what follows a loss
		k := key.At(uint64(round))
		if err := l.run(t, mutant, l.made+most); err != nil {
			return fmt.Sprintf("start %d after %d losses: %v", l.session, round, err)
		}
		before := l.synced
		l.folder.Memory.Lose(disk.Draw(k, ways[k.With("way").Intn(len(ways))]))
		peek := &life{folder: &disk.Folder{Memory: l.folder.Memory}, session: l.session}
		s, f, err := stable.Open(peek.folder, member, l.session, mutant) // its calls are never made
		if err != nil {
			return fmt.Sprintf("start %d after %d losses: %v", l.session, round+1, err)
		}
		must(t, s.Close())
		at := l.last(f)
		if at < 0 && len(l.asked) > 0 {
			return fmt.Sprintf("found %.90s, which was never asked for", found(f))
		}
		if at < l.last(before) {
			return fmt.Sprintf("found %.90s, but %.90s was synced", found(f), found(before))
		}
		l.synced = f
		most = most/2 + 7
	}
	return ""
}

// last is the last place among all that was asked for at which it was this; -1: none.
func (l *life) last(f stable.Found) int {
	for i := len(l.asked) - 1; i >= 0; i-- {
		if a := l.asked[i]; bytes.Equal(a.Base, f.Base) && slices.EqualFunc(a.Records, f.Records, bytes.Equal) {
			return i
		}
	}
	return -1
}

// TestPowerLoss loses power at every call that a store makes, in every way, three
// times in a row: what Sync has returned for is there, nothing else than what was
// asked for is, and the store is never taken for a damaged one. Each mutant is found
// by the same losses, and none by the same deaths if the disk loses nothing.
func TestPowerLoss(t *testing.T) {
	hunt := func(model disk.Model, mutant string, ways []string) string {
		for most := range 60 {
			for seed := range 12 {
				if why := broken(t, model, mutant, fmt.Sprint(seed), most, ways); why != "" {
					return fmt.Sprintf("power lost after %d calls, seed %d: %s", most, seed, why)
				}
			}
		}
		return ""
	}
	for _, model := range []disk.Model{disk.Ext4, disk.POSIX} {
		if why := hunt(model, "", disk.Ways); why != "" {
			t.Errorf("%s: %s", model, why)
		}
		for _, mutant := range []string{stable.NeverFsync, stable.SnapshotBeforeLog, stable.TornTail, stable.NoFolderFsync, stable.LateFsync} {
			why := hunt(model, mutant, disk.Ways)
			if why == "" {
				t.Errorf("%s, mutant %s: not found", model, mutant)
			}
			t.Logf("%s, %s: %s", model, mutant, why)
			if why := hunt(model, mutant, []string{disk.Kept}); why != "" {
				t.Errorf("%s, mutant %s, and the disk loses nothing: %s", model, mutant, why)
			}
		}
	}
}

// TestAFailedSync: what a failed sync was for can be read, and is on no disk. The
// store's next start must not build on it.
func TestAFailedSync(t *testing.T) {
	folder := &disk.Folder{Memory: disk.NewMemory(disk.Ext4)}
	make := func() {
		for _, c := range folder.Calls() {
			c.Make()
		}
	}
	s, _, err := stable.Open(folder, member, 1, "")
	must(t, err)
	s.Append([]byte("one"))
	must(t, s.Sync())
	make()
	folder.State.Set("f1", disk.Rule{Fails: disk.FailsSync})
	s.Append([]byte("two"))
	if err := s.Sync(); err == nil {
		t.Fatal("the sync that failed was none")
	}
	make()
	folder.State.Clear("f1")
	s, got, err := stable.Open(folder, member, 2, "")
	must(t, err)
	make()
	s.Append([]byte("three"))
	must(t, s.Sync())
	make()
	if n := len(got.Records); n != 1 {
		t.Errorf("%d records were found after the failed sync", n)
	}
	folder.Memory.Lose(disk.Draw(draw.New("x"), disk.Whole))
	_, got, err = stable.Open(folder, member, 3, "")
	must(t, err)
	if found(got) != `"" ["one" "three"]` {
		t.Errorf("found %s after the power loss", found(got))
	}
}
