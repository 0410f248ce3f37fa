package world

import (
	"fmt"
	"net"
	"runtime"
	"sync/atomic"
	"time"
)

// turn makes worlds of one program differ in their first guess.
var turn atomic.Uint32

// reserve finds an address for every node to listen on, now and again after each
// restart. On Linux all of 127.0.0.0/8 is the machine's own, so each world takes
// a small network of its own there: what dials from 127.0.0.1 can then never sit
// on a node's port while the node is down.
func reserve(nodes []string) (map[string]string, error) {
	const tries = 100
	var last error
	for range tries {
		host := "127.0.0.1"
		if runtime.GOOS == "linux" {
			n := uint32(time.Now().UnixNano()/1000) + turn.Add(7919)
			host = fmt.Sprintf("127.%d.%d.%d", 16+n%200, 1+n/200%250, 1+n/50000%250)
		}
		addresses := map[string]string{}
		if last = probe(host, nodes, addresses); last == nil {
			return addresses, nil
		}
	}
	return nil, fmt.Errorf("no free loopback addresses for %d nodes: %w", len(nodes), last)
}

// probe listens once for each node, all at the same time, and lets go.
func probe(host string, nodes []string, addresses map[string]string) error {
	for _, name := range nodes {
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			return err
		}
		defer l.Close()
		addresses[name] = l.Addr().String()
	}
	return nil
}
