package stable_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"groupy/node/stable"
)

const member = "n1.1"

func open(t testing.TB, dir string, session int) (*stable.Store, stable.Found) {
	t.Helper()
	s, found, err := stable.Open(stable.OSFolder(dir), member, session, "")
	if err != nil {
		t.Fatal(err)
	}
	return s, found
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// written is a store with a base and three records after it, at its first start.
func written(t testing.TB) (dir, path string) {
	t.Helper()
	dir = t.TempDir()
	s, _ := open(t, dir, 1)
	s.Append([]byte("before the base"))
	must(t, s.Sync())
	s.Replace([]byte("base"))
	must(t, s.Sync())
	for _, r := range []string{"one", "two", "three"} {
		s.Append([]byte(r))
		must(t, s.Sync())
	}
	must(t, s.Close())
	return dir, filepath.Join(dir, stable.Name(member))
}

// TestWhatIsSyncedComesBack: any way of appending, replacing, syncing and starting
// again gives what was synced, in order, and nothing else.
func TestWhatIsSyncedComesBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		must(t, err)
		session := 1
		s, _ := open(t, dir, session)
		var synced, now stable.Found
		n := 0
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			switch rapid.SampledFrom([]string{"append", "append", "replace", "sync", "restart"}).Draw(rt, "step") {
			case "append":
				n++
				r := fmt.Appendf(nil, "record %d", n)
				s.Append(r)
				now.Records = append(slices.Clip(now.Records), r)
			case "replace":
				n++
				now = stable.Found{Base: fmt.Appendf(nil, "base %d", n)}
				s.Replace(now.Base)
			case "sync":
				must(t, s.Sync())
				synced = now
			case "restart":
				must(t, s.Close())
				session++
				var found stable.Found
				s, found = open(t, dir, session)
				if !bytes.Equal(found.Base, synced.Base) || !slices.EqualFunc(found.Records, synced.Records, bytes.Equal) {
					rt.Fatalf("found %q %q, synced was %q %q", found.Base, found.Records, synced.Base, synced.Records)
				}
				now = synced
			}
		}
		must(t, s.Close())
	})
}

// TestDamageIsFound: whatever is done to the files, the store is found damaged.
func TestDamageIsFound(t *testing.T) {
	flip := func(t *testing.T, path, text string) {
		data, err := os.ReadFile(path)
		must(t, err)
		at := bytes.Index(data, []byte(text))
		if at < 0 {
			t.Fatalf("%s holds no %q", path, text)
		}
		data[at] ^= 1
		must(t, os.WriteFile(path, data, 0o644))
	}
	for name, harm := range map[string]func(t *testing.T, path string){
		"a bit of a record":   func(t *testing.T, path string) { flip(t, path, "two") },
		"a bit of the base":   func(t *testing.T, path string) { flip(t, path, "base") },
		"the file is gone":    func(t *testing.T, path string) { must(t, os.Remove(path)) },
		"the file is empty":   func(t *testing.T, path string) { must(t, os.Truncate(path, 0)) },
		"the file is short":   func(t *testing.T, path string) { must(t, os.Truncate(path, 50)) },
		"the file is shorter": func(t *testing.T, path string) { must(t, os.Truncate(path, 10)) },
		"a bit of the mark":   func(t *testing.T, path string) { flip(t, path+".mark", "\x04") },
		"the mark is empty":   func(t *testing.T, path string) { must(t, os.Truncate(path+".mark", 0)) },
		"the mark is gone":    func(t *testing.T, path string) { must(t, os.Remove(path+".mark")) },
		"the file is noise": func(t *testing.T, path string) {
			must(t, os.WriteFile(path, bytes.Repeat([]byte("noise"), 9999), 0o644))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, path := written(t)
			harm(t, path)
			s, found, err := stable.Open(stable.OSFolder(dir), member, 2, "")
			if !errors.Is(err, stable.ErrDamaged) {
				t.Fatalf("found %q %q, error %v", found.Base, found.Records, err)
			}
			if s != nil {
				t.Error("a damaged store is given out")
			}
		})
	}
	dir, _ := written(t)
	s, found := open(t, dir, 2) // and without harm it is none
	must(t, s.Close())
	if string(found.Base) != "base" || len(found.Records) != 3 {
		t.Errorf("found %q %q", found.Base, found.Records)
	}
}

// TestSetBackIsFound: a store of an earlier moment is told from the present one,
// by what was synced since, and by the starts since.
func TestSetBackIsFound(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, stable.Name(member))
	s, _ := open(t, dir, 1)
	s.Append([]byte("one"))
	must(t, s.Sync())
	must(t, s.Close())
	old, err := os.ReadFile(path)
	must(t, err)
	mark, err := os.ReadFile(path + ".mark")
	must(t, err)

	s, _ = open(t, dir, 2)
	s.Append([]byte("two"))
	must(t, s.Sync())
	must(t, s.Close())
	must(t, os.WriteFile(path, old, 0o644))
	if _, _, err = stable.Open(stable.OSFolder(dir), member, 3, ""); !errors.Is(err, stable.ErrDamaged) {
		t.Errorf("the store alone was set back: %v", err)
	}
	if _, _, err = stable.Open(stable.OSFolder(dir), member, 2, ""); !errors.Is(err, stable.ErrDamaged) {
		t.Errorf("the store was set back, and its mark says so: %v", err)
	}
	must(t, os.WriteFile(path+".mark", mark, 0o644))
	if _, _, err = stable.Open(stable.OSFolder(dir), member, 3, ""); !errors.Is(err, stable.ErrDamaged) {
		t.Errorf("both were set back, to an earlier start: %v", err)
	}
}

// TestAMemberIsNoOther: neither its own first start twice, nor another member's
// file, is taken for a member's store.
func TestAMemberIsNoOther(t *testing.T) {
	dir, path := written(t)
	s, found := open(t, dir, 1) // nobody learned of the first start, and it is made again
	if must(t, s.Close()); len(found.Records) != 3 {
		t.Errorf("found %q", found.Records)
	}
	s, _ = open(t, dir, 2)
	must(t, s.Close())
	if _, _, err := stable.Open(stable.OSFolder(dir), member, 1, ""); !errors.Is(err, stable.ErrDamaged) {
		t.Errorf("a first start over a store of a second: %v", err)
	}
	for _, suffix := range []string{"", ".mark"} {
		must(t, os.Rename(path+suffix, filepath.Join(dir, stable.Name("n2.1")+suffix)))
	}
	if _, _, err := stable.Open(stable.OSFolder(dir), "n2.1", 2, ""); !errors.Is(err, stable.ErrDamaged) {
		t.Errorf("another member's store: %v", err)
	}
}

// TestSpaceIsUsedAgain: bases keep the file bounded, however much is appended.
func TestSpaceIsUsedAgain(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir, 1)
	sizes := []int64{}
	for round := range 6 {
		for range 40 {
			for range 25 {
				s.Append(bytes.Repeat([]byte{byte(round)}, 200))
			}
			must(t, s.Sync())
		}
		s.Replace(bytes.Repeat([]byte("b"), 1000))
		must(t, s.Sync())
		info, err := os.Stat(filepath.Join(dir, stable.Name(member)))
		must(t, err)
		sizes = append(sizes, info.Size())
	}
	must(t, s.Close())
	if sizes[5] > 2*sizes[0] {
		t.Errorf("the file has grown from %d to %d bytes over rounds of the same size: %v", sizes[0], sizes[5], sizes)
	}
}

func BenchmarkSync(b *testing.B) {
	s, _ := open(b, b.TempDir(), 1)
	r := bytes.Repeat([]byte("r"), 200)
	for b.Loop() {
		s.Append(r)
		must(b, s.Sync())
		if b.N%1000 == 0 {
			s.Replace(r)
		}
	}
	must(b, s.Close())
}
