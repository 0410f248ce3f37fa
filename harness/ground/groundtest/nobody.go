//go:build linux

package groundtest

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// nobody is the user that owns nothing.
const nobody = 65534

// asNobody is run by root, in a mount namespace of its own. Where only root may
// open the devices, as on bare machines, it puts some over them that everybody
// may.
const asNobody = `set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
for device in net/tun:200 fuse:229; do
	path=/dev/${device%:*} new=$1/${device#*:}
	if [ -c "$path" ]; then
		mknod -m 666 "$new" c 10 "${device#*:}"
		mount --bind "$new" "$path"
	fi
done
shift
exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "$@"
`

// open makes a folder that everybody may look into; the test's own nobody else may.
func open(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "groundtest-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Copy puts a program where everybody can run it, and gives its path.
func Copy(t testing.TB, path string) string {
	t.Helper()
	from, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(filepath.Join(open(t), filepath.Base(path)), os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return to.Name()
}

// Home makes a folder that belongs to nobody.
func Home(t testing.TB) string {
	t.Helper()
	dir := open(t)
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Command is a command that nobody runs, in a folder that is his. It skips the
// test where it is not root who tests: then the others show it already.
func Command(t testing.TB, home, path string, args ...string) *exec.Cmd {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("these are run by a user who is not root already")
	}
	for _, tool := range []string{"unshare", "setpriv", "mount", "mknod"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("needs", tool)
		}
	}
	words := append([]string{"-m", "sh", "-c", asNobody, "sh", t.TempDir(), path}, args...)
	cmd := exec.Command("unshare", words...)
	cmd.Dir = home
	cmd.Env = append(os.Environ(), "TMPDIR="+home, "HOME="+home)
	return cmd
}
