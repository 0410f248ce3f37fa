// Package exit holds how the command ends: the codes that the README promises, and
// errors that carry one.
//
// It must not know any command.
package exit
