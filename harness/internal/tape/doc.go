// Package tape records what the run loop learns of a real world, and gives it back as
// a world of its own. Its guarantee: a run loop on a tape does what it did then.
package tape
