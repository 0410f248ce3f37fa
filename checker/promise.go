package checker

import (
	"fmt"
	"slices"
	"strings"

	"groupy/checker/membership"
)

// Set is a named set of properties that a kind of group service promises, so that a
// protocol with less than the usual can be tested.
type Set struct {
	Name       string
	Sentence   string
	Properties []string
}

// What the sets are made of. Whatever a service promises, its processes live on, and
// what it delivers was asked for, comes once, and comes to its sender.
var (
	ofAll    = []string{membership.NoUnaskedEnd.Name, "integrity", "sender-integrity", "no-duplication", "self-delivery", "recovery"}
	reliable = with(ofAll, "agreement", "no-loss", "probe-delivery")
	views    = []string{
		"view-installed", "self-inclusion", "view-agreement", "view-monotonicity", "same-view-delivery", "virtual-synchrony",
		"exclusion", "join", "membership-precision",
	}
	primary = []string{"primary-agreement", "primary-chain"}
)

// Sets is the visible list. The kinds of broadcast are those of Hadzilacos and Toueg
// (1994), the others those of Chockler, Keidar and Vitenberg (2001).
var Sets = []Set{
	{"fifo", "reliable broadcast in each sender's order", with(reliable, "fifo-order")},
	{"causal", "reliable broadcast in an order that respects causes", with(reliable, "fifo-order", "causal-order")},
	{"total", "atomic broadcast: reliable, and in one order for all", with(reliable, "total-order", "gap-freedom", "state-agreement")},
	{"virtual-synchrony", "views in one chain; who goes from one to the next with others has delivered the same", with(reliable, slices.Concat(views, primary, []string{"fifo-order"})...)},
	{"uniform", "all that is promised by default: virtual synchrony in one order, where what anyone delivered survives", Usual()},
	{"partitionable", "virtual synchrony in several parts at once: no chain of primary views, and nothing is owed across parts", with(ofAll, slices.Concat(views, []string{"agreement", "fifo-order", "probe-delivery"})...)},
	{"none", "nothing, to add to", nil},
}

func with(list []string, more ...string) []string { return slices.Concat(list, more) }

// Usual are the properties that are promised where nobody says what is.
func Usual() (list []string) {
	for _, p := range Properties {
		if p.Promised {
			list = append(list, p.Name)
		}
	}
	return list
}

// Promised gives what is promised by the words of --promise: names of sets and of
// properties. A word without a sign is a set, or else a property, and belongs to what
// is promised instead of from; one with + is added, one with - taken away, and is a
// property, or else a set. The words count from the first to the last. The error names
// what there is.
func Promised(words, from []string) ([]string, error) {
	list := slices.Clone(from)
	for i, word := range words {
		word = strings.TrimSpace(word)
		name := strings.TrimLeft(word, "+-")
		named := meant(name, name != word)
		if named == nil {
			return nil, fmt.Errorf("no promise is called %q; there are the sets %s, and the properties %s", name, strings.Join(setNames(), ", "), strings.Join(names(), ", "))
		}
		if i == 0 && name == word {
			list = nil
		}
		list = slices.DeleteFunc(list, func(p string) bool { return slices.Contains(*named, p) })
		if !strings.HasPrefix(word, "-") {
			list = append(list, *named...)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("nothing is promised by %s: name a property or a set", strings.Join(words, ","))
	}
	return inOrder(list), nil
}

// meant are the properties that a word names, nil if it names none.
func meant(name string, signed bool) *[]string {
	property := find(name)
	for i := range Sets {
		if s := &Sets[i]; s.Name == name && (property == nil || !signed) {
			return &s.Properties
		}
	}
	if property == nil {
		return nil
	}
	return &[]string{name}
}

// inOrder sorts names as reports have them; those that nobody knows come last.
func inOrder(list []string) []string {
	place := func(name string) int {
		if i := slices.IndexFunc(Properties, func(p Property) bool { return p.Name == name }); i >= 0 {
			return i
		}
		return len(Properties)
	}
	slices.SortStableFunc(list, func(a, b string) int { return place(a) - place(b) })
	return slices.Compact(list)
}

func setNames() (list []string) {
	for _, s := range Sets {
		list = append(list, s.Name)
	}
	return list
}
