package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"groupy/checker"
	"groupy/checker/history"
	"groupy/checker/linear"
	"groupy/harness/internal/loop"
	"groupy/harness/internal/tape"
	"groupy/harness/internal/virtual"
	"groupy/harness/internal/world"
	"groupy/harness/plan"
	"groupy/harness/store"
	"groupy/harness/verdict"
)

// Job is one run to be carried out and kept.
type Job struct {
	Plan    *plan.Plan
	World   string        // one of Worlds; "" is real
	Program world.Program // what runs as a node
	Warden  world.Program
	Store   string // folder; made if missing
	Command string // the command line that brings this run back, for run.json
	Foreign bool   // the program is not the built-in node
	NoLinks bool   // connect the nodes directly; real world only
	Capture int64  // bytes of the packets' record at most, on a network of packets; 0: none
	Aside   bool   // the store's latest run stays what it was: this is one of many, or of another again
	Log     hclog.Logger
	Status  func(loop.Status)
	Opened  func(store.Folder) // if not nil, told the run's folder before it begins
	Now     func() time.Time
	Lag     *verdict.LagMeter // shared by runs side by side; nil: one of its own. Real world only
	Judging checker.Options
	Trust   bool                                  // programs that a folder from elsewhere names may be started
	Page    func(*linear.Picture) ([]byte, error) // draws what clients asked; nil: no picture
}

// Result is a finished run.
type Result struct {
	Folder    store.Folder
	Judgement *verdict.Judgement // nil if the history could not be judged
	Record    store.Record
}

// Execute does the whole line once: it stores the plan, runs it in the real
// world, and judges the history. The evidence is on disk before anything is
// judged, and a failure of the harness is reported beside the verdict: the
// result is given with the error as far as there is one.
func (j Job) Execute(ctx context.Context) (*Result, error) {
	began := j.Now()
	folder, err := store.NewFolder(j.Store, j.Plan.Name, j.Plan.Seed, began)
	if err != nil {
		return nil, err
	}
	result := &Result{Folder: folder}
	if j.Command == "" {
		j.Command = "groupy replay " + string(folder)
	}
	if err := folder.Write(store.PlanFile, j.Plan.Encode()); err != nil {
		return result, err
	}
	if j.Opened != nil {
		j.Opened(folder)
	}
	j.mark(folder, store.Latest)
	sum, err := ProgramSum(j.Program.Path)
	if err != nil {
		return result, err
	}
	var lag *verdict.Lag
	measured := j.measure()
	outcome, runErr := j.run(ctx, folder)
	if measured != nil {
		lag = measured()
	}
	result.Record = store.Record{
		World: j.Where(), Command: j.Command, Program: append([]string{j.Program.Path}, j.Program.Args...),
		Foreign: j.Foreign, SHA256: sum, Began: began, Took: j.Now().Sub(began).Round(time.Millisecond).String(), Outcome: outcome, Lag: lag,
	}
	if j.Foreign {
		result.Record.Sign()
	}
	if runErr != nil {
		result.Record.Broken = runErr.Error()
	}
	if err := folder.WriteJSON(store.RunFile, result.Record); err != nil {
		return result, errors.Join(runErr, err)
	}
	judging := j.Judging
	judging.Draw = j.draws(folder)
	judgement, err := store.Judge(string(folder), judging)
	if err != nil {
		return result, errors.Join(runErr, fmt.Errorf("judge the run: %w", err))
	}
	result.Judgement = judgement
	if judgement.Verdict == checker.Invalid {
		j.mark(folder, store.LatestInvalid)
	}
	return result, errors.Join(runErr, folder.Write(store.VerdictFile, judgement.Encode()))
}

// mark has the store lead to the run, unless that is one of many.
func (j Job) mark(folder store.Folder, link string) {
	if j.Aside {
		return
	}
	if err := folder.Mark(j.Store, link); err != nil {
		j.Log.Warn("could not mark the run in the store", "link", link, "error", err)
	}
}

// measure begins to measure the machine's lag where a run depends on it.
func (j Job) measure() func() *verdict.Lag {
	if j.Where() != WorldReal {
		return nil
	}
	if j.Lag == nil {
		j.Lag = verdict.NewLagMeter(j.Now)
	}
	return j.Lag.Begin()
}

// draws gives what stores the picture of a run's operations. Without a picture the
// run is worth no less: what goes wrong is only told.
func (j Job) draws(folder store.Folder) func(*linear.Picture) {
	if j.Page == nil {
		return nil
	}
	return func(p *linear.Picture) {
		page, err := j.Page(p)
		if err == nil {
			err = folder.Write(store.PictureFile, page)
		}
		if err != nil {
			j.Log.Warn("no picture of the operations", "error", err)
		}
	}
}

// run carries the plan out in a world of its own, which is gone afterwards.
func (j Job) run(ctx context.Context, folder store.Folder) (outcome loop.Outcome, err error) {
	dir, err := filepath.Abs(string(folder)) // nodes run in folders of their own
	if err != nil {
		return outcome, err
	}
	file, err := os.Create(folder.Path(store.HistoryFile))
	if err != nil {
		return outcome, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w, err := j.open(dir)
	if err != nil {
		return outcome, err
	}
	w, err = j.taped(w, folder)
	defer func() { err = errors.Join(err, w.Close()) }()
	if err != nil {
		return outcome, err
	}
	return loop.Run(ctx, j.Plan, w, j.OpenHistory(file, w.Kind()), verdict.FromFile(folder.Path(store.HistoryFile)), j.Log, j.Status)
}

// The worlds that a plan can be run in.
const (
	WorldReal     = "real"
	WorldLockstep = "lockstep"
	WorldSim      = "sim"
)

// Worlds is the visible list.
var Worlds = []string{WorldReal, WorldLockstep, WorldSim}

// Where is the world that the job runs in.
func (j Job) Where() string {
	if j.World == "" {
		return WorldReal
	}
	return j.World
}

// open makes the job's world, with its logs below dir.
func (j Job) open(dir string) (world.World, error) {
	logs := filepath.Join(dir, store.LogFolder)
	made, err := j.Plan.Virtual()
	if err != nil {
		return nil, err
	}
	switch j.Where() {
	case WorldReal:
		if made.Disk.Faulty {
			return nil, fmt.Errorf("--disk %s: real processes have plain disks so far; --world lockstep and sim have others", made.Disk.Name)
		}
		return world.NewReal(world.RealConfig{
			Nodes: j.Plan.Nodes, Program: j.Program, Warden: j.Warden, Seed: j.Plan.Seed,
			LogDir: logs, DataDir: filepath.Join(dir, store.DataFolder), NoLinks: j.NoLinks,
			Network: j.Plan.Network, Init: j.initProgram(), Capture: world.Capture{Path: filepath.Join(dir, store.CaptureFile), Size: j.Capture},
		})
	case WorldLockstep:
		return virtual.NewLockstep(virtual.LockstepConfig{
			VirtualConfig: made, Program: j.Program, Warden: j.Warden, LogDir: logs,
		})
	case WorldSim:
		return virtual.NewSim(made, logs), nil
	}
	return nil, fmt.Errorf("no world %q; there are %s", j.World, strings.Join(Worlds, ", "))
}

// initProgram is process 1 of a node's own machine: the warden's program, in
// another part.
func (j Job) initProgram() world.Program {
	return world.Program{Path: j.Warden.Path, Args: []string{"init"}}
}

// taped has a world taped if its nodes record their part.
func (j Job) taped(w world.World, folder store.Folder) (world.World, error) {
	if j.Where() != WorldReal || j.Foreign {
		return w, nil
	}
	file, err := os.Create(folder.Path(store.TapeFile))
	if err != nil {
		return w, err
	}
	return tape.NewTaped(w, file, j.Now())
}

func (j Job) OpenHistory(out io.Writer, kind string) loop.OpenHistory {
	return func(bareMembers bool) (*history.Writer, error) {
		return history.NewWriter(out, history.Header{
			Name: j.Plan.Name, Seed: j.Plan.Seed, World: kind, Protocol: j.Plan.Protocol,
			Workload: j.Plan.Workload, Nodes: j.Plan.Nodes, Promises: j.Plan.Promises, BareMembers: bareMembers,
		})
	}
}

// sums are the hashes of programs that were hashed, by path, size and time of
// change: many runs share one program.
var sums sync.Map

// ProgramSum finds a program and gives its SHA-256, in hexadecimal.
func ProgramSum(path string) (string, error) {
	found, err := exec.LookPath(path)
	if err != nil {
		return "", fmt.Errorf("the program under test: %w", err)
	}
	file, err := os.Open(found)
	if err != nil {
		return "", fmt.Errorf("the program under test: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("the program under test: %w", err)
	}
	key := fmt.Sprint(found, info.Size(), info.ModTime().UnixNano())
	if sum, ok := sums.Load(key); ok {
		return sum.(string), nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", fmt.Errorf("the program under test: %w", err)
	}
	sum := hex.EncodeToString(h.Sum(nil))
	sums.Store(key, sum)
	return sum, nil
}
