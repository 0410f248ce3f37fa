package flags

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"groupy/node/contract"
)

// filled are flags that have no use for zero or for nothing: who types that gets no
// default in its place.
var filled = []string{
	"nodes", "clients", "rate", "time-limit", "start-limit", "timeout", "heartbeat",
	"nemesis", "protocol", "workload", "world", "explore", "network", "mutant", "bin", "store", "seed", "name",
}

// refuseZero gives an error for the first flag of filled that was typed as zero or as
// nothing.
func refuseZero(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if err != nil || !slices.Contains(filled, f.Name) {
			return
		}
		values := []string{f.Value.String()}
		if list, is := f.Value.(pflag.SliceValue); is {
			if values = list.GetSlice(); len(values) == 0 {
				values = []string{""}
			}
		}
		for _, value := range values {
			switch value {
			case "0", "0s":
				err = fmt.Errorf("--%s %s: more than 0; leave it out for the default", f.Name, value)
			case "":
				err = fmt.Errorf("--%s names nothing; leave it out for the default", f.Name)
				if f.Name == "nemesis" {
					err = fmt.Errorf("%w, or say none", err)
				}
			}
		}
	})
	return err
}

// Unknown gives cobra's error about a flag with the nearest that the command has.
func Unknown(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if near := contract.Nearest(unknown.GetSpecifiedName(), names); near != "" {
		return fmt.Errorf("%w; did you mean --%s?", err, near)
	}
	return fmt.Errorf("%w; groupy %s --help lists those there are", err, cmd.Name())
}
