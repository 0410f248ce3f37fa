// Package draw makes random choices that do not disturb one another: each is a
// hash of a seed and a stable key (which link, which message, which step), never
// the next number of a shared stream. Taking one step out of a plan then changes
// nothing for the others, and shrinking depends on that.
//
// It takes keys and gives numbers. It must not know what they decide.
package draw
