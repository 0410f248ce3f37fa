package trust

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// at lets the user's configuration lie in a folder of the test.
func at(t *testing.T, folder string) {
	t.Helper()
	t.Setenv("XDG_CONFIG_HOME", folder)
	t.Setenv("HOME", folder)
}

// TestOnlyThisUsersMarksAreGood: a mark is good for its words, and for nothing else.
func TestOnlyThisUsersMarksAreGood(t *testing.T) {
	mine, theirs := t.TempDir(), t.TempDir()
	at(t, theirs)
	foreign, err := Mark("sh", "-c", "x")
	if err != nil {
		t.Fatal(err)
	}
	at(t, mine)
	if Made(foreign, "sh", "-c", "x") {
		t.Error("somebody else's mark is good, with no key of ours")
	}
	mark, err := Mark("sh", "-c", "x")
	if err != nil {
		t.Fatal(err)
	}
	if !Made(mark, "sh", "-c", "x") {
		t.Error("our own mark is not good")
	}
	for _, words := range [][]string{{"sh", "-c", "y"}, {"sh", "-cx"}, {"sh", "-c", "x", ""}, {"sh", "-c x"}, {}} {
		if Made(mark, words...) {
			t.Errorf("the mark is good for %q, too", words)
		}
	}
	for _, other := range []string{"", "00", mark[:62], mark[:62] + "zz", foreign} {
		if Made(other, "sh", "-c", "x") {
			t.Errorf("%q is good", other)
		}
	}
}

// TestOneKey is made by many at once, and readable to nobody else.
func TestOneKey(t *testing.T) {
	home := t.TempDir()
	at(t, home)
	marks := make([]string, 20)
	var wg sync.WaitGroup
	for i := range marks {
		wg.Go(func() {
			var err error
			if marks[i], err = Mark("x"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, m := range marks {
		if m != marks[0] {
			t.Fatalf("two keys: marks %s and %s", marks[0], m)
		}
	}
	found, err := filepath.Glob(filepath.Join(home, "*", "*"))
	if err != nil || len(found) != 1 {
		found, _ = filepath.Glob(filepath.Join(home, "*", "*", "*")) // where the folder lies deeper
	}
	if len(found) != 1 {
		t.Fatalf("%q are kept, want the key alone", found)
	}
	info, err := os.Stat(found[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s has mode %v", found[0], info.Mode())
	}
	if err := os.WriteFile(found[0], []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Mark("x"); err == nil {
		t.Error("a broken key makes marks")
	}
	if Made(marks[0], "x") {
		t.Error("a broken key finds marks good")
	}
}
