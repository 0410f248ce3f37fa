//go:build linux

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// marker is the environment variable by which a test finds all processes that
// came from the harness that it started.
const marker = "GROUPY_TEST_RUN"

// marked finds the living processes with the marker, with their command lines.
func marked(t *testing.T, value string) map[int]string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil || len(files) == 0 {
		t.Fatalf("no processes in /proc: %v", err)
	}
	found := map[int]string{}
	for _, file := range files {
		environ, err := os.ReadFile(file)
		if err != nil {
			continue // it ended, or is somebody else's
		}
		if slices.Contains(strings.Split(string(environ), "\x00"), marker+"="+value) {
			dir := filepath.Dir(file)
			pid, _ := strconv.Atoi(filepath.Base(dir))
			line, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
			found[pid] = string(bytes.ReplaceAll(line, []byte{0}, []byte{' '}))
		}
	}
	return found
}

// listening gives the sockets on which any of the processes listens: loopback
// addresses as the kernel writes them, each with its inode, since another run may
// be given an address that has become free.
func listening(pids map[int]string) []string {
	sockets := map[string]bool{}
	for pid := range pids {
		fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
		for _, fd := range fds {
			if to, err := os.Readlink(fd); err == nil {
				if inode, ok := strings.CutPrefix(to, "socket:["); ok {
					sockets[strings.TrimSuffix(inode, "]")] = true
				}
			}
		}
	}
	return listeners(func(_, inode string) bool { return sockets[inode] })
}

// stillListening gives those of the sockets that are still there.
func stillListening(sockets []string) []string {
	return listeners(func(address, inode string) bool { return slices.Contains(sockets, address+" "+inode) })
}

func listeners(is func(address, inode string) bool) []string {
	file, err := os.Open("/proc/net/tcp")
	if err != nil {
		return nil
	}
	defer file.Close()
	var found []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		const listen = "0A" // the kernel's TCP_LISTEN
		// sl local_address rem_address st queues timer retransmits uid timeout inode …
		f := strings.Fields(lines.Text())
		if len(f) > 9 && f[3] == listen && is(f[1], f[9]) {
			found = append(found, f[1]+" "+f[9])
		}
	}
	return found
}
