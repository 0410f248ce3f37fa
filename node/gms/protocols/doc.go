// Package protocols is the list of the group protocols that the built-in node can
// run. Everything about one of them follows from its entry: what it adds and where
// it breaks, its core, its messages, its mutants. It takes a name, as the contract's
// init or a command line has it, and gives the protocol or an error that says which
// there are. It knows nothing of how a core is run.
package protocols
