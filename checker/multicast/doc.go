// Package multicast judges messages: that each was sent, comes once, in one order, in
// the same view for all, and to everybody who is to have it. One file, one property;
// each is a pure function of the trace. Names as in Chockler, Keidar and Vitenberg
// (2001), section 4, and Hadzilacos and Toueg (1994).
package multicast
