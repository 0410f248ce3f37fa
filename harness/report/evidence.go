package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"groupy/harness/verdict"
	"groupy/nemesis/link"
)

// What faults write into the history, in words. A fault that is unknown here
// still has its evidence told, only less smoothly.

// TargetText says whom or what a fault was aimed at.
func TargetText(value json.RawMessage) string {
	var v struct {
		Target string      `json:"target"`
		Node   string      `json:"node"`
		Links  [][2]string `json:"links"`
		Rule   *link.Rule  `json:"rule"`
	}
	if json.Unmarshal(value, &v) != nil {
		return ""
	}
	var parts []string
	switch {
	case v.Target != "" && v.Node != "" && v.Target != v.Node:
		parts = append(parts, v.Target+" "+v.Node)
	case v.Target != "":
		parts = append(parts, strings.ReplaceAll(v.Target, ",", " "))
	}
	switch {
	case len(v.Links) > 2:
		parts = append(parts, hub(v.Links)+fmt.Sprintf("%d links", len(v.Links)))
	default:
		for _, pair := range v.Links {
			parts = append(parts, pair[0]+"→"+pair[1])
		}
	}
	if v.Rule != nil {
		parts = append(parts, ruleText(*v.Rule))
	}
	return strings.Join(parts, " ")
}

// hub names the node that all of the links have in common, if there is one.
func hub(links [][2]string) string {
	for _, name := range links[0] {
		if !slices.ContainsFunc(links, func(l [2]string) bool { return l[0] != name && l[1] != name }) {
			return name + ", "
		}
	}
	return ""
}

func ruleText(r link.Rule) string {
	var parts []string
	for _, chance := range []struct {
		name string
		of   float64
	}{{"lost", r.Drop}, {"twice", r.Duplicate}, {"overtaken", r.Reorder}} {
		if chance.of > 0 {
			parts = append(parts, fmt.Sprintf("%.3g%% %s", 100*chance.of, chance.name))
		}
	}
	if r.Delay > 0 {
		parts = append(parts, "+"+r.Delay.Round(10*time.Microsecond).String())
	}
	if r.Jitter > 0 {
		parts = append(parts, "±"+r.Jitter.Round(10*time.Microsecond).String())
	}
	if r.BytesPerSec > 0 {
		parts = append(parts, fmt.Sprintf("%d B/s", r.BytesPerSec))
	}
	return strings.Join(parts, ", ")
}

// FaultText says how a fault went: why it was skipped, or what proves that it
// took hold, and until when it was held.
func FaultText(f verdict.FaultStory) string {
	if f.Skipped != "" {
		return "skipped: " + f.Skipped
	}
	text := EvidenceText(f.Proof)
	if f.Ended > 0 {
		text += fmt.Sprintf("; undone at %.1fs", f.Ended.Seconds())
	}
	return text
}

// EvidenceText is a piece of evidence in words.
func EvidenceText(raw json.RawMessage) string {
	var v map[string]any
	if json.Unmarshal(raw, &v) != nil {
		return string(raw)
	}
	if of, ok := v["of_links"]; ok { // the links' counters
		on := v["on_links"]
		for _, aside := range []string{"of_links", "on_links", "rules_left"} {
			delete(v, aside)
		}
		var parts []string
		for _, what := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, fmt.Sprintf("%v %s", v[what], what))
		}
		return fmt.Sprintf("%s on %v of %v links", strings.Join(parts, ", "), on, of)
	}
	return words(v)
}

func words(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var parts []string
		names := slices.SortedFunc(maps.Keys(v), func(a, b string) int {
			return cmp.Or(cmp.Compare(len(members(v[a])), len(members(v[b]))), cmp.Compare(a, b)) // plain ones first
		})
		for _, name := range names {
			part := strings.ReplaceAll(name, "_", " ")
			switch inner := v[name].(type) {
			case map[string]any:
				if plain(inner) {
					part += " (" + words(inner) + ")"
				} else if len(inner) > 0 {
					part += ": " + words(inner)
				}
			default:
				part += " " + words(inner)
			}
			parts = append(parts, part)
		}
		return strings.Join(parts, ", ")
	case []any:
		var parts []string
		for _, part := range v {
			parts = append(parts, words(part))
		}
		return strings.Join(parts, " ")
	case float64:
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprint(v)
}

// members are an object's values; of anything else there are none.
func members(v any) []any {
	object, _ := v.(map[string]any)
	return slices.Collect(maps.Values(object))
}

// plain reports whether an object holds values and no objects.
func plain(object map[string]any) bool {
	return len(object) > 0 && !slices.ContainsFunc(members(object), func(v any) bool {
		_, nested := v.(map[string]any)
		return nested
	})
}
