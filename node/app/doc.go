// Package app holds what runs on top of the group: replicas whose state is a
// function of the order of deliveries and of nothing else. Two members that
// delivered the same messages in the same order are in the same state, so a
// difference in state proves a difference in order.
//
// An application is pure: views and deliveries in, a state and further
// multicasts out. It has no goroutine, clock, socket or randomness.
//
// It must not know the protocol below it, nor who asks.
package app
