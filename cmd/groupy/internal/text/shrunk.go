package text

import (
	"fmt"
	"io"

	"groupy/harness/replay"
	"groupy/harness/run"
	"groupy/harness/shrink"
)

// PrintShrunk tells what a shrinking came to: the story, the sizes before and
// after, what confirms it, and how to bring it back.
func PrintShrunk(out io.Writer, r *shrink.Shrunk) {
	for _, sentence := range r.Story {
		fmt.Fprintln(out, sentence)
	}
	b, a := r.Before, r.After
	fmt.Fprintf(out, "\nshrunk:    %s → %d (%s, %s); %s → %d; main phase %v → %v\n",
		Count(b.Units(), "unit"), a.Units(), Count(a.Faults, "fault"), Count(a.Operations, "operation"),
		Count(b.Nodes, "node"), a.Nodes, micros(b.MainMicros), micros(a.MainMicros))
	fmt.Fprintf(out, "search:    %s in %s, %.1f s\n", Count(r.Tried, "candidate"), r.World, r.Took.Seconds())
	PrintTransplant(out, r.Transplanted, r.Parting, r.Bare)
	if r.Seed != "" {
		fmt.Fprintf(out, "           the plan's own seed does not fail in sim; %s does\n", r.Seed)
	}
	if r.Test != "" {
		fmt.Fprintf(out, "           %s\n", r.Test)
	}
	if r.Stopped {
		fmt.Fprintln(out, "           the budget was used up: a longer search may find a smaller plan")
	}
	fmt.Fprintf(out, "confirmed: %s\n", confirmation(r))
	fmt.Fprintf(out, "run:       %s\n", r.Run.Folder)
	folder := Quote(string(r.Run.Folder))
	if r.World != run.WorldReal {
		fmt.Fprintf(out, "again:     groupy replay %s --world lockstep\n", folder)
	}
	fmt.Fprintf(out, "for real:  groupy replay %s --world real --times 20\n", folder)
}

func confirmation(r *shrink.Shrunk) string {
	switch {
	case r.World == run.WorldReal:
		low, high := replay.Wilson(r.Rate, r.Runs)
		return fmt.Sprintf("%s violated in %d of %d runs in the real world (95%% confidence: %.0f%% to %.0f%%)", r.Wanted, r.Rate, r.Runs, 100*low, 100*high)
	case r.Identical:
		return fmt.Sprintf("%s violated in lockstep, on real processes; the history is that of sim, byte for byte", r.Wanted)
	}
	return fmt.Sprintf("%s violated in lockstep, on real processes", r.Wanted)
}

// PrintTransplant says whether the run in the virtual world is the real one.
func PrintTransplant(out io.Writer, transplanted bool, parting *replay.Parting, bare string) {
	switch {
	case bare != "":
		fmt.Fprintf(out, "not transplanted: %s\nthe plan runs as it was written, which is another run than the real one\n", bare)
	case parting != nil:
		kept := "and it does not fail as the real one did"
		if parting.Kept {
			kept = "and it fails by the same witness"
		}
		fmt.Fprintf(out, "parted: the transplanted run is not the real one, %s; they differ first at\n%s\n", kept, parting)
	case transplanted:
		fmt.Fprintln(out, "transplanted: each member and each operation did what it did in the real run, and the verdicts and witnesses are the same")
	}
}
