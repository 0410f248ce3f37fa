package nemesis

import (
	"slices"
	"strings"

	"groupy/nemesis/link"
)

// AnyFrame is When.Frame where any frame will do.
const AnyFrame = link.AnyFrame

// The roles that only a trigger gives away. Who does a part of a protocol's round
// is known when it does it, and not before: the coordinator of a view change is who
// sends the first prepare.
const (
	Anyone   = "anyone"   // in When.From: whoever is the first to send the frame
	Receiver = "receiver" // in When.Pass: whoever the first frame is for, and nobody else
	Sender   = "sender"   // in a step that waited: who has sent the frame
	Passed   = "passed"   // those of When.Pass: they have the frame
	Missed   = "missed"   // all others: they have not
)

// given are the roles that Sprung puts nodes in the place of.
var given = []string{Sender, Passed, Missed}

// Sprung is the step with nodes in the place of the roles that its trigger gives:
// sender has sent the frame to passed, of all nodes. s itself stays as it is.
func (s Step) Sprung(sender string, passed, nodes []string) Step {
	missed := slices.DeleteFunc(slices.Clone(nodes), func(n string) bool { return n == sender || slices.Contains(passed, n) })
	named := func(list []string) (out []string) {
		for _, name := range list {
			switch name {
			case Sender:
				out = append(out, sender)
			case Passed:
				out = append(out, passed...)
			case Missed:
				out = append(out, missed...)
			default:
				out = append(out, name)
			}
		}
		return out
	}
	if s.Target != "" {
		s.Target = list(named(strings.Split(s.Target, ",")))
	}
	groups := slices.Clone(s.Groups)
	for i, group := range groups {
		groups[i] = named(group)
	}
	s.Groups = groups
	return s
}

// Given reports whether a name is a role that a trigger gives.
func Given(name string) bool { return slices.Contains(given, name) }
