package nemesis

import "slices"

// DamagedBy says which of these steps, all of which have begun, may have damaged what
// a node has stored: nil if none has. A member that then cannot trust its disk is the
// plan's doing, and else the program's own.
func DamagedBy(begun []*Active, node string) *Active {
	for _, s := range begun {
		if f, err := Find(s.Fault); err == nil && f.Damages != nil && f.Damages(s, node) {
			return s
		}
	}
	return nil
}

// RefusedBy says which of these steps, all of which are in force, has calls to a node's
// disk fail: nil if none does. A process that must keep something and cannot may end.
func RefusedBy(inForce []*Active, node string) *Active {
	for _, s := range inForce {
		if f, err := Find(s.Fault); err == nil && f.Refuses && slices.Contains(s.Nodes, node) {
			return s
		}
	}
	return nil
}
