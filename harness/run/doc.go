// Package run does the whole line once: a plan is carried out in a world, its history
// judged, and both are kept in a folder of the store (Job.Execute), or left in memory
// (Try). Its guarantee: the evidence is on disk before anything is judged, a failure of
// the harness is reported beside the verdict and never instead of it, and nothing
// outlives a run but its folder.
package run
