// Package report holds what the checks answer: verdicts, results with their witnesses,
// and the report composed of them. Its guarantee: invalid outweighs unknown, and
// unknown valid; of several violations of a property the one that was complete first
// is kept. It takes what a check finds, event by event, and gives what verdict.json
// holds. It must not know what a history is.
package report
