// Package nemesistest holds every fault to its contract, in any world: injected,
// it shows, in its evidence and to an observer who does not ask the fault;
// undone, it is gone, and undoing it twice does no harm; with its hands tied,
// it shows nothing, so its evidence is of its own doing.
package nemesistest
