// Package objects judges answers: whether what clients asked of registers, counters,
// sets, queues, logs and texts fits one order that respects real time. It takes
// operations from a history's events (Operations), numbers their keys and values by a
// model (Models), and takes the cheapest way that decides: the order of deliveries
// proves most keys, package linear decides the rest. It must not know how a trace is
// built.
package objects
