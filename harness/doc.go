// Package harness plans runs, runs them in a world, and keeps what they leave
// behind. Its guarantee: planning is a pure function of seed and options; what a
// run does is decided by the plan alone; no fault is reported without proof
// that it took hold, no verdict without evidence; and nothing outlives a run.
package harness
