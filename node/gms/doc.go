// Package gms is what a group protocol is to whoever runs one: a pure state machine,
// an input in, effects out. There is no goroutine, clock, socket, lock, global
// randomness or dependence on map order inside a core, so that the same inputs give
// the same effects in every world, on every machine. It imports nothing of
// Groupy's. The protocols themselves are in ladder (gms1 to gms4) and gms5, the list
// of them in protocols.
package gms
