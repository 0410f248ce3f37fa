package gmstest

import (
	"strings"
	"time"
)

// entry is something that takes place at a time; the number keeps entries of
// the same time in the order in which they were made.
type entry struct {
	at  time.Duration
	seq uint64
	do  func()
}

// agenda is a heap of entries, the next one first.
type agenda []*entry

func (a agenda) Len() int { return len(a) }

func (a agenda) Less(i, j int) bool {
	if a[i].at != a[j].at {
		return a[i].at < a[j].at
	}
	return a[i].seq < a[j].seq
}

func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }

// Push and Pop are for container/heap.
func (a *agenda) Push(x any) { *a = append(*a, x.(*entry)) }

// Pop takes the last entry off.
func (a *agenda) Pop() any {
	old := *a
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*a = old[:len(old)-1]
	return e
}

// nodeOf takes the incarnation off a member name; a bare node name stays.
func nodeOf(member string) string {
	node, _, _ := strings.Cut(member, ".")
	return node
}
