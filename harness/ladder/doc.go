// Package ladder runs each protocol under each class of faults, by scripts that leave
// nothing to chance, and compares what broke with what must break.
package ladder
