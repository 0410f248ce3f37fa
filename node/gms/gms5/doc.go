// Package gms5 is a primary component by majority of the previous view. Each
// view has one leader, its first member, which orders all messages; a message
// is delivered once a quorum of the view holds it. The successor of a view,
// together with the view's final log, is one decision by consensus among its
// members (single-decree Paxos: Lamport, "Paxos made simple", 2001), so views
// form one chain and whoever goes on to the next view has delivered the same
// messages. A minority blocks and says so.
//
// A core takes the inputs of package gms and gives its effects. It knows no clock,
// socket or disk: what must outlive it, it asks others to keep.
//
// The files hold one idea each: origin.go submits, normal.go orders and delivers,
// soon.go gathers what is said, detector.go suspects, viewchange.go decides,
// decide.go acts on decisions, join.go lets members in, leave.go out, durable.go
// brings a member back from its disk, and invariants.go says what must never be.
package gms5
