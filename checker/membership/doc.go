// Package membership judges views: who is in them, in which order they come, and that
// primary ones form one chain; and that no member ends unasked. One file, one property; each is a pure function of the
// trace. Names as in Chockler, Keidar and Vitenberg (2001), section 3.
package membership
