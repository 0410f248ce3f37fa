// Package mutation shows that the checker's tests would see a mistake in the
// checker: each property's check is itself changed, one place at a time, and some
// test of the checker must fail. What no test sees is either a gap in the tests or
// listed in testdata/equivalent.txt with the reason why the change changes nothing.
//
// It holds tests only. All changes of a package are compiled into one test binary,
// each behind a switch that the environment sets, so that a mutant costs a run of
// the tests and no compilation (mutant schemata: Untch, Offutt and Harrold,
// "Mutation Analysis Using Mutant Schemata", 1993). The run over all mutants takes
// minutes and needs GROUPY_LONG=1:
//
//	GROUPY_LONG=1 go test ./checker/mutation -timeout 2h -v
//
// With -rewrite it writes the table of docs/mutation.md.
package mutation
