package report

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"groupy/checker/history"
)

// faultReach is whom a fault met: nodes, or ordered pairs of nodes whose link it
// changed; cuts says that nothing passes on them. Nodes come from the evidence, which names what was hit, and else from
// the target, where that names nodes and not a role.
func faultReach(e *history.Event) (nodes []string, links [][2]string, cuts bool) {
	var v struct {
		Target string      `json:"target"`
		Node   string      `json:"node"`
		Links  [][2]string `json:"links"`
		Rule   any         `json:"rule"` // what becomes of messages; none: they are lost
	}
	if json.Unmarshal(e.Value, &v) != nil {
		return nil, nil, false
	}
	if len(v.Links) > 0 {
		return nil, v.Links, v.Rule == nil
	}
	if v.Node != "" {
		return []string{v.Node}, nil, false
	}
	var evidence map[string]json.RawMessage
	_ = json.Unmarshal(e.Evidence, &evidence)
	for _, raw := range evidence {
		var by map[string]json.RawMessage
		if json.Unmarshal(raw, &by) != nil {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(by)) {
			node, _, _ := strings.Cut(name, ".") // a node's name, or a member's
			if !slices.Contains(nodes, node) {
				nodes = append(nodes, node)
			}
		}
	}
	if len(nodes) == 0 && v.Target != "" {
		nodes = strings.Split(v.Target, ",")
	}
	slices.Sort(nodes)
	return nodes, nil, false
}
