package system

import (
	"slices"

	"groupy/checker"
)

// allBut gives the properties that the checker takes for promised by default,
// without some.
func allBut(without []string) []string {
	var names []string
	for _, p := range checker.Properties {
		if p.Promised && !slices.Contains(without, p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}
