package conformance

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"groupy/harness/internal/virtual"
	"groupy/harness/internal/world"
	"groupy/node"
)

// virtual puts a process of its own to virtual time: it says idle after each line, or
// that world hangs.
func (t *talk) virtual() (text string, err error) {
	dir := filepath.Join(t.o.Dir, "virtual")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	w, err := virtual.NewLockstep(virtual.LockstepConfig{
		VirtualConfig: virtual.VirtualConfig{Nodes: []string{"n1"}, Seed: "contract"},
		Program:       t.o.Program, Warden: t.o.Warden, LogDir: dir, Hang: t.o.Patience,
	})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if _, err := w.Start("n1", 1); err != nil {
		return "", err
	}
	init := w.Init("n1", 1)
	init.Head, init.Config = node.Head{Type: node.TypeInit, MsgID: 1}, t.o.Config
	for i, request := range []any{&init, &node.Join{Head: node.Head{Type: node.TypeJoin, MsgID: 2}, Contacts: []string{}}} {
		if err := w.Send("n1", node.Harness, request); err != nil {
			return "", err
		}
		if err := t.virtually(w, int64(i+1)); err != nil {
			return "", err
		}
	}
	return "idle after init and join", nil
}

// virtually waits for a reply in virtual time, a second of which is much.
func (t *talk) virtually(w *virtual.Virtual, id int64) error {
	for until := w.Now() + time.Second; ; {
		e, err := w.Next(t.ctx, until)
		if err != nil {
			return err
		}
		switch e := e.(type) {
		case nil:
			return errors.New("no reply in a second of virtual time")
		case world.Garbled:
			return e.Err
		case world.Exited:
			return fmt.Errorf("the process ended with code %d", e.Code)
		case world.Said:
			head, isReply := headOf(e.Body)
			if refusal, is := e.Body.(node.Error); is {
				return refusal
			}
			if isReply && head.InReplyTo == id {
				return nil
			}
		}
	}
}
