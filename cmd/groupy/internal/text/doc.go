// Package text turns values into what people read: how a run and a campaign ended,
// what there is to choose from, and what goes on right now. It decides nothing.
package text
