// Package plan decides everything about a run before it begins. Its guarantee: a
// plan is a pure function of seed and options, the same input gives the same bytes;
// and every random choice is a hash of the seed and a stable key, so that a step
// taken out changes nothing of the others.
//
// It takes options and gives a Plan, or reads one that was stored or edited. Passes
// follow one another over a draft: operations, schedule, aim, exploration. It must
// not know how a plan is carried out.
package plan
