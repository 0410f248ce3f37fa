// Package verdict judges a run: the checker's report on its history, whether enough
// happened in it to mean something (gates), what the faults met (meetings), what the
// machine's lag may have done (excuse), and by what a failure is known again
// (signature). Its guarantee: no valid without evidence; the same history and plan
// give the same bytes.
//
// It takes a history's source, the plan and the lag. It must not know where a run is
// kept.
package verdict
