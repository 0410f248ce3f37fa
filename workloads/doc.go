// Package workloads holds what clients do in a run, and what the answers must
// mean. A workload is a pure description: the operations that a seed plans, the
// request of the contract that each becomes, and the operation kinds that must
// succeed at least once for a run to prove anything.
//
// Its guarantee: a plan's operations are a pure function of the seed; taking one out
// changes none of the others. It must not know how a run is carried out or judged.
package workloads
