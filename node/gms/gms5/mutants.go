package gms5

import "groupy/node/gms"

// Mutants is the visible list of the weaknesses of gms5. The first six are those of
// docs/protocol.md, the others are rarer kin of theirs.
var Mutants = []gms.Mutant{
	{Protocol: "gms5", Name: noFence, Sentence: "who promised goes on with normal operation", Falls: "gap-freedom"},
	{Protocol: "gms5", Name: noAdopt, Sentence: "a coordinator ignores values that were accepted before", Falls: "view-agreement"},
	{Protocol: "gms5", Name: ownLog, Sentence: "a coordinator proposes its own log instead of the longest", Falls: "virtual-synchrony"},
	{Protocol: "gms5", Name: noQuorum, Sentence: "one member is a quorum", Falls: "view-agreement"},
	{Protocol: "gms5", Name: noDedupe, Sentence: "the leader takes a message whatever its origin's number", Falls: "no-duplication"},
	{Protocol: "gms5", Name: earlyDelivery, Sentence: "messages are delivered on receipt", Falls: "gap-freedom"},
	{Protocol: "gms5", Name: adoptOldest, Sentence: "a coordinator adopts the value of the lowest ballot instead of the highest", Falls: "view-agreement"},
	{Protocol: "gms5", Name: anyBallot, Sentence: "a member promises and accepts below the ballot that it promised", Falls: "view-agreement"},
	{Protocol: "gms5", Name: halfQuorum, Sentence: "any half of a view is a quorum, with its first member or without", Falls: "view-agreement"},
	{Protocol: "gms5", Name: noFsync, Sentence: "in durable mode nothing is fsynced before it is acted on", Falls: "uniform-agreement", Durable: true},
	{Protocol: "gms5", Name: forgetPromise, Sentence: "in durable mode a promise is not written down", Falls: "virtual-synchrony", Durable: true},
	// Those of what keeps a member's records, which the core does not know.
	{Protocol: "gms5", Name: "never-fsync", Sentence: "in durable mode what is to be kept is written and never fsynced: a kill does not show it", Falls: "no-unasked-end", Durable: true, Disk: true},
	{Protocol: "gms5", Name: "no-folder-fsync", Sentence: "in durable mode a new log is renamed into its place and the folder is not fsynced", Falls: "no-unasked-end", Durable: true, Disk: true},
	{Protocol: "gms5", Name: "torn-tail", Sentence: "in durable mode the log's end is read without regard to its checksums and its mark", Falls: "no-unasked-end", Durable: true, Disk: true},
	{Protocol: "gms5", Name: "snapshot-before-log", Sentence: "in durable mode the log is cut for a base that is not fsynced yet", Falls: "no-unasked-end", Durable: true, Disk: true},
	{Protocol: "gms5", Name: "late-fsync", Sentence: "in durable mode answers and messages leave before what they rest on is fsynced", Falls: "recovery", Durable: true, Disk: true},
	{Protocol: "gms5", Name: fewAcks, Sentence: "a leader commits with one acknowledgement less than a quorum", Falls: "uniform-agreement"},
	{Protocol: "gms5", Name: leaderForgets, Sentence: "a leader forgets the first promise that it gives to another member in a view", Falls: "virtual-synchrony"},
	{Protocol: "gms5", Name: staleLeader, Sentence: "a leader that promised another member's ballot goes on with normal operation until its next heartbeat", Falls: "virtual-synchrony"},
}

// The names in Mutants, as Config.Mutant and the core have them.
const (
	noFence       = "no-fence"
	noAdopt       = "no-adopt"
	ownLog        = "own-log"
	noQuorum      = "no-quorum"
	noDedupe      = "no-dedupe"
	earlyDelivery = "early-delivery"
	adoptOldest   = "adopt-oldest"
	anyBallot     = "any-ballot"
	halfQuorum    = "half-quorum"
	fewAcks       = "few-acks"
	noFsync       = "no-fsync"
	forgetPromise = "forget-promise"
	leaderForgets = "leader-forgets"
	staleLeader   = "stale-leader"
)

func (p *primary) mutant(name string) bool { return p.cfg.Mutant == name }
