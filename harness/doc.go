// Package harness is the room of runs; what is in it stands in its folders, and here
// are the tests that carry out whole runs. The line is: plan (seed to plan), run (plan
// to history, by the loop, in a world), verdict (history to judgement), report. Around
// it: replay, shrink, ladder and campaign run plans again and again, store keeps what
// they leave, index and serve show it.
//
// Its guarantee: planning is a pure function of seed and options; what a run does is
// decided by the plan alone; no fault is reported without proof that it took hold, no
// verdict without evidence; and nothing outlives a run.
package harness
