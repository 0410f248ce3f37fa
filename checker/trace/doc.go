// Package trace is a history in dense form, as properties see it: members, views and
// messages are numbers, each member has its deliveries and views in line order. Its
// guarantee: one pass over the events, in memory linear in their number; what a member
// that came back does again stands once, and is held against what it had done.
//
// It takes a history's events and gives a Trace; what clients did to objects it hands
// on to an Operations. Here too are the rules that several properties share: who lives,
// whether a run came to rest, orders and their cycles, events in words. It must not
// know any single property.
package trace
