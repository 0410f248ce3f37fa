package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// languages is the visible list of docs/nodes: the smallest node in each language, what
// that needs, and how it is started. Build, if there is one, has %DIR for a folder.
var languages = []struct {
	file  string
	needs string
	build []string
	start []string
}{
	{"node.py", "python3", nil, []string{"python3", "node.py"}},
	{"node.go", "go", []string{"go", "build", "-o", "%DIR/node", "node.go"}, []string{"%DIR/node"}},
	{"node.js", "node", nil, []string{"node", "node.js"}},
	{"node.erl", "escript", nil, []string{"escript", "node.erl"}},
	{"Node.java", "javac", []string{"javac", "-d", "%DIR", "Node.java"}, []string{"java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", "%DIR", "Node"}},
}

const nodesFolder = "../../docs/nodes"

// The smallest node keeps the contract and its promises without faults, in each language.
func TestTheSmallestNodeInEachLanguage(t *testing.T) {
	folder, err := filepath.Abs(nodesFolder)
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != len(languages) {
		t.Errorf("docs/nodes has %d files, and the list %d: %v", len(files), len(languages), err)
	}
	for _, l := range languages {
		t.Run(l.file, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(l.needs); err != nil {
				t.Skip("needs ", l.needs)
			}
			dir := t.TempDir()
			words := func(list []string) []string {
				list = append([]string{}, list...)
				for i := range list {
					list[i] = strings.ReplaceAll(list[i], "%DIR", dir)
					if list[i] == l.file {
						list[i] = filepath.Join(folder, l.file)
					}
				}
				return list
			}
			if l.build != nil {
				w := words(l.build)
				if out, err := exec.Command(w[0], w[1:]...).CombinedOutput(); err != nil {
					t.Fatalf("%v: %v\n%s", w, err, out)
				}
			}
			start := words(l.start)
			bin := append([]string{"--bin", start[0], "--"}, start[1:]...)
			out, code := groupy(t, dir, append([]string{"contract", "--patience", "2s", "--start-limit", "1m"}, bin...)...)
			if code != 0 {
				t.Errorf("the contract: exit code %d\n%s", code, out)
			}
			out, code = groupy(t, dir, append([]string{"run", "--nodes", "3", "--time-limit", "1s", "--rate", "300", "--start-limit", "1m"}, bin...)...)
			// A group that forms too fast for a message to be in flight proves less.
			if !regexp.MustCompile(`(?m)^verdict: (valid, without faults|unknown \(gate-view-change-in-flight\))$`).MatchString(out) {
				t.Errorf("a run: exit code %d\n%s", code, out)
			}
		})
	}
}

// groupy runs the program in a folder and gives what it printed and its exit code.
func groupy(t *testing.T, dir string, args ...string) (string, int) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// docs/contract.md has the node in Python word for word, and the bug that it says to
// plant is found.
func TestTheNodeOfTheDocumentAndItsBug(t *testing.T) {
	source, err := os.ReadFile(filepath.Join(nodesFolder, "node.py"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../docs/contract.md")
	if err != nil {
		t.Fatal(err)
	}
	var block bytes.Buffer
	for line := range bytes.Lines(source) {
		if len(bytes.TrimSpace(line)) > 0 {
			block.WriteString("    ")
		}
		block.Write(line)
	}
	if !bytes.Contains(text, block.Bytes()) {
		t.Error("docs/contract.md does not hold docs/nodes/node.py, each line indented by four")
	}
	_, after, _ := strings.Cut(string(text), "To see what a violation looks like")
	bug := regexp.MustCompile(`(?m)^    (say\(.*\))$`).FindStringSubmatch(after)
	const above = `        pending[body["msg"]] = `
	if bug == nil || strings.Count(string(source), above) != 1 {
		t.Fatal("docs/contract.md does not say what to plant, or there is no place for it")
	}
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("needs python3")
	}
	dir := t.TempDir()
	planted := strings.Replace(string(source), above, "        "+bug[1]+"\n"+above, 1)
	if err := os.WriteFile(filepath.Join(dir, "node.py"), []byte(planted), 0o644); err != nil {
		t.Fatal(err)
	}
	out, code := groupy(t, dir, "run", "--nodes", "3", "--time-limit", "1s", "--rate", "300", "--start-limit", "1m", "--bin", "python3", "--", "node.py")
	if code != 1 || !regexp.MustCompile(`verdict: invalid \(.*no-duplication.*total-order`).MatchString(out) {
		t.Errorf("exit code %d\n%s", code, out)
	}
}
