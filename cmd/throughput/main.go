package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// memberCommand is the first argument of a child process.
const memberCommand = "member"

func main() {
	if len(os.Args) == 9 && os.Args[1] == memberCommand {
		memberMain(os.Args[2:])
	}
	var all []string
	for _, s := range systems {
		all = append(all, s.name)
	}
	outstanding := flag.String("outstanding", "5,64,256,1024", "messages under way, all processes together; a comma list")
	names := flag.String("systems", strings.Join(all, ","), "what to measure; a comma list")
	rounds := flag.Int("rounds", 3, "how often each is measured; the table shows the medians")
	warmUp := flag.Duration("warm-up", time.Second, "load before the window")
	window := flag.Duration("window", 2*time.Second, "what is counted")
	gc := flag.Int("gc", 400, "GOGC of all processes, as groupy node has it; Go's default is 100")
	flag.Parse()
	if flag.NArg() > 0 || *rounds < 1 || *window <= 0 || *warmUp < 0 {
		fail(fmt.Errorf("no arguments, at least one round and a window above 0, please; see -help"))
	}
	var chosen []system
	for _, n := range strings.Split(*names, ",") {
		s, err := find(n)
		must(err)
		chosen = append(chosen, s)
	}
	var levels []int
	for _, n := range strings.Split(*outstanding, ",") {
		level, err := strconv.Atoi(n)
		must(err)
		if level < processes {
			fail(fmt.Errorf("%d outstanding are less than one for each of %d processes", level, processes))
		}
		levels = append(levels, level)
	}
	measured := results{}
	for round := range *rounds {
		for _, level := range levels {
			for _, s := range chosen {
				f, err := measure(s, level, *gc, *warmUp, *window)
				must(err)
				fmt.Fprintf(os.Stderr, "round %d, %d outstanding, %s: %.0f/s, %.1f µs each\n", round+1, level, s.name, f.rate, f.cpu)
				key := fmt.Sprint(s.name, level)
				measured[key] = append(measured[key], f)
			}
		}
	}
	table("multicasts/s", "%.0f", chosen, levels, measured.medians(func(f figures) float64 { return f.rate }))
	table("CPU µs each", "%.1f", chosen, levels, measured.medians(func(f figures) float64 { return f.cpu }))
}

// results is all measurements, by system and level.
type results map[string][]figures

func (r results) medians(of func(figures) float64) map[string]float64 {
	m := map[string]float64{}
	for key, all := range r {
		var x []float64
		for _, f := range all {
			x = append(x, of(f))
		}
		m[key] = median(x)
	}
	return m
}

// table prints one kind of figure, and gms5's share of each system's.
func table(title, format string, chosen []system, levels []int, medians map[string]float64) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s\t", title)
	for _, level := range levels {
		fmt.Fprintf(w, "%d outstanding\t(gms5 is)\t", level)
	}
	fmt.Fprintln(w)
	for _, s := range chosen {
		fmt.Fprintf(w, "%s\t", s.name)
		for _, level := range levels {
			m, ours := medians[fmt.Sprint(s.name, level)], medians[fmt.Sprint("gms5", level)]
			fmt.Fprintf(w, format+"\t%.2f times\t", m, ours/m)
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush()
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	x = slices.Sorted(slices.Values(x))
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}
