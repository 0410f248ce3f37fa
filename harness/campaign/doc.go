// Package campaign runs many plans side by side and keeps count of them. Its
// guarantee: a run counts once its line is in the campaign's journal, and exactly
// once, however often and wherever the campaign was killed and resumed; what a
// run is hangs on the campaign's seed and the run's number alone (with coverage
// as the guide, also on the journal's lines up to a fixed distance before it). The
// journal and the run folders are the evidence; the database only makes them easy
// to ask, and can be rebuilt from them.
package campaign
