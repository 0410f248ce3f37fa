// Package timing says when things reached the nodes of a run that was recorded, so
// that a virtual world can let them arrive in that order again.
package timing
