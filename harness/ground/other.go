//go:build !linux

package ground

import (
	"errors"
	"os"
)

// Machines are made of namespaces, which only Linux has.

var errNoLinux = errors.New("only Linux has namespaces")

func checkNamespaces() error { return errNoLinux }
func checkTUN() error        { return errNoLinux }
func checkFUSE() error       { return errNoLinux }
func checkTime() error       { return errNoLinux }
func checkFakeTime() error   { return errNoLinux }

// FakeTime is for Linux only.
func FakeTime() (string, error) { return "", errNoLinux }

// Machine is for Linux only: Boot makes none.
type Machine struct {
	Name  string
	Cable *os.File
}

// Boot fails.
func Boot(Spec) (*Machine, error) { return nil, errNoLinux }

// Init fails.
func Init() error { return errNoLinux }

// Start fails.
func (*Machine) Start(Program, *os.File, *os.File, *os.File) (*Process, error) {
	return nil, errNoLinux
}

// MountFUSE fails.
func (*Machine) MountFUSE(string) (*os.File, error) { return nil, errNoLinux }

// Kill fails.
func (*Machine) Kill() error { return errNoLinux }

// Pause fails.
func (*Machine) Pause() error { return errNoLinux }

// Resume fails.
func (*Machine) Resume() error { return errNoLinux }

// Up is false.
func (*Machine) Up() bool { return false }

// InitPID is 0.
func (*Machine) InitPID() int { return 0 }

// PowerOff does nothing.
func (*Machine) PowerOff() {}
