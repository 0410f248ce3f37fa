package ladder

import "groupy/node/gms"

// Mutants is the visible list of the weaknesses of gms1 to gms4: mistakes that
// implementations of these levels were seen to make.
var Mutants = []gms.Mutant{
	{Protocol: "gms1", Name: ownAtOnce, Sentence: "a slave delivers its own message when it is sent, and again when it comes back", Falls: "no-duplication"},
	{Protocol: "gms2", Name: deadHead, Sentence: "the dead head is kept in the group at election", Falls: "probe-delivery"},
	{Protocol: "gms2", Name: askAgain, Sentence: "a slave asks a new leader again for what the old one may have sent", Falls: "fifo-order"},
	{Protocol: "gms2", Name: swallowEarly, Sentence: "a catch-all swallows messages that come before they match", Falls: "same-view-delivery"},
	{Protocol: "gms3", Name: lastToSelf, Sentence: "the last message is delivered again to the new leader's own application", Falls: "no-duplication"},
	{Protocol: "gms3", Name: noAdvance, Sentence: "a new leader does not advance its number after its view", Falls: "gap-freedom"},
	{Protocol: "gms3", Name: joinerAtN, Sentence: "a joiner starts at the number of its view instead of the next", Falls: "probe-delivery"},
	{Protocol: "gms3", Name: noResend, Sentence: "a new leader does not resend the last message", Falls: "agreement"},
	{Protocol: "gms3", Name: resendToOne, Sentence: "a new leader resends the last message to the next in line only", Falls: "agreement"},
	{Protocol: "gms3", Name: forgetView, Sentence: "a new leader resends the last message, but no view", Falls: "agreement"},
	{Protocol: "gms3", Name: freshResend, Sentence: "a new leader resends the last message with a new number", Falls: "no-duplication"},
	{Protocol: "gms4", Name: deliverTwice, Sentence: "a message is delivered on receipt, and once more when the buffer drains", Falls: "no-duplication"},
	{Protocol: "gms4", Name: skipHoles, Sentence: "any number at or above the expected one is taken", Falls: "gap-freedom"},
	{Protocol: "gms4", Name: nackOnce, Sentence: "a negative acknowledgement is never repeated", Falls: "agreement"},
	{Protocol: "gms4", Name: shortHistory, Sentence: "the history holds one message, less than any outage", Falls: "agreement"},
	{Protocol: "gms4", Name: forgetHistory, Sentence: "a new leader begins with an empty history", Falls: "agreement"},
	{Protocol: "gms4", Name: obeyDeposed, Sentence: "a deposed leader's view is still obeyed", Falls: "view-monotonicity"},
}

// The names in Mutants, as Config.Mutant and the core have them.
const (
	ownAtOnce     = "own-at-once"
	askAgain      = "ask-again"
	deadHead      = "dead-head"
	swallowEarly  = "swallow-early"
	lastToSelf    = "last-to-self"
	noAdvance     = "no-advance"
	joinerAtN     = "joiner-at-n"
	noResend      = "no-resend"
	resendToOne   = "resend-to-one"
	forgetView    = "forget-view"
	freshResend   = "fresh-resend"
	deliverTwice  = "deliver-twice"
	skipHoles     = "skip-holes"
	nackOnce      = "nack-once"
	shortHistory  = "short-history"
	forgetHistory = "forget-history"
	obeyDeposed   = "obey-deposed"
)

func (g *group) mutant(name string) bool { return g.cfg.Mutant == name }
