package flags

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"groupy/checker"
	"groupy/cmd/groupy/internal/text"
)

// Promise is the flag that says which properties decide the verdict: words with commas
// between, also given one by one. It is written as it is read.
type Promise []string

func (p *Promise) String() string { return strings.Join(*p, ",") }
func (p *Promise) Type() string   { return "words" }

// Set takes words, and says which is no promise.
func (p *Promise) Set(words string) error {
	all := slices.Concat(*p, strings.Split(words, ","))
	if _, err := checker.Promised(all, checker.Usual()); err != nil {
		return err
	}
	*p = all
	return nil
}

// Add gives a command the flag.
func (p *Promise) Add(cmd *cobra.Command) {
	cmd.Flags().Var(p, "promise", "what decides the verdict: sets and properties (fifo,no-loss), or changes of what is promised otherwise (-no-unasked-end,+causal-order); see groupy list promises and properties")
	_ = cmd.RegisterFlagCompletionFunc("promise", CompleteList(func() []text.Entry {
		list := text.Promises()
		for _, p := range checker.Properties {
			list = append(list, text.Entry{Name: p.Name, Sentence: p.Statement})
		}
		return list
	}))
}
