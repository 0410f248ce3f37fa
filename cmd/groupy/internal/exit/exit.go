package exit

import "errors"

// Process exit codes, as Jepsen's. A verdict's own are 0, 1 and 2.
const (
	BadInput = 254 // bad arguments or unreadable input
	Harness  = 255 // the harness itself broke
)

// Error is an error that carries its exit code. An empty text prints nothing: the
// verdict was already printed.
type Error struct {
	Code int
	Err  error // nil: no further word
}

func (e *Error) Error() string {
	if e.Err == nil {
		return ""
	}
	return e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// With ends the program with an exit code and no further word; 0 is no error.
func With(code int) error {
	if code == 0 {
		return nil
	}
	return &Error{Code: code}
}

// Broken marks an error as the harness's own failure.
func Broken(err error) error { return &Error{Code: Harness, Err: err} }

// Code is the exit code that an error stands for. One that names none is about
// arguments or input, as all of cobra's are.
func Code(err error) int {
	var e *Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e):
		return e.Code
	}
	return BadInput
}
