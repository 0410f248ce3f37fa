package node

import (
	"strconv"
	"strings"
)

// MemberName is the name of one incarnation of a node in views and deliveries:
// n1.2 is the second start of n1. Views hold members, not nodes: a restarted
// process is a new member.
func MemberName(nodeID string, incarnation int) string {
	return nodeID + "." + strconv.Itoa(incarnation)
}

// SplitMember takes a member name apart. A bare node name, as systems write
// that cannot know their incarnation, has incarnation 0.
func SplitMember(member string) (nodeID string, incarnation int) {
	dot := strings.LastIndexByte(member, '.')
	if dot < 0 {
		return member, 0
	}
	n, err := strconv.Atoi(member[dot+1:])
	if err != nil || n < 1 {
		return member, 0
	}
	return member[:dot], n
}
