// Package store keeps runs: a folder for each, the names of its files, and what can be
// read back from them. Its guarantee: a file is whole or not there.
package store
