package why

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"groupy/harness/run"
	"groupy/harness/store"
	"groupy/harness/verdict"
)

// shortLines is how long the story of a run that was not shrunk is at most.
const shortLines = 8

// maxStory is the size in bytes of a history up to which its run is told: it is read
// into memory whole.
const maxStory = 256 << 20

// Story is a stored run in a few sentences.
type Story struct {
	Lines  []Line
	Shrunk bool // it is all that happened, and not the few things nearest to the violation
}

// Line is a sentence with its time before it; the last one, of what is violated, has
// none.
type Line struct{ At, Text string }

// Stored tells a run from its folder: as it was told when it was shrunk, or, if it
// violates a promise, what is nearest to the violation. The story is empty if there is
// none to tell, or no plan.
func Stored(folder store.Folder, j *verdict.Judgement) (Story, error) {
	data, err := os.ReadFile(folder.Path(store.StoryFile))
	if err == nil {
		return Story{read(strings.Split(strings.TrimRight(string(data), "\n"), "\n")), true}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return Story{}, err
	}
	wanted := verdict.SignatureOf(j)
	if wanted == "" {
		return Story{}, nil
	}
	plan, err := folder.Plan()
	if err != nil {
		return Story{}, ifThere(err)
	}
	path, err := folder.History()
	if err != nil {
		return Story{}, err
	}
	if info, err := os.Stat(path); err != nil || info.Size() > maxStory || filepath.Ext(path) != ".jsonl" {
		return Story{}, err // packed ones are of long ago, or somebody else's
	}
	history, err := os.ReadFile(path)
	if err != nil {
		return Story{}, err
	}
	return Story{Lines: read(story(&run.Trial{Judgement: j, History: history}, plan, wanted, shortLines))}, nil
}

// ifThere is nil for what is not there.
func ifThere(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// read takes the lines of a story apart.
func read(lines []string) (list []Line) {
	for _, l := range lines {
		at, text, timed := strings.Cut(strings.TrimSpace(l), "  ")
		if !timed {
			at, text = "", at
		}
		list = append(list, Line{at, text})
	}
	return list
}
