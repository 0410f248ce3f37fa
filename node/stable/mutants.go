package stable

// weakness is what a mutant leaves out.
type weakness struct {
	neverSyncs       bool
	neverSyncsFolder bool
	renamesEarly     bool // before the content of what is renamed is synced
	trusts           bool // whatever is there is a record
	syncsLate        bool // before the next write, and not before Sync returns
}

// The names of the mutants, as Open has them.
const (
	NeverFsync        = "never-fsync"
	NoFolderFsync     = "no-folder-fsync"
	SnapshotBeforeLog = "snapshot-before-log"
	TornTail          = "torn-tail"
	LateFsync         = "late-fsync"
)

func weaknessOf(mutant string) weakness {
	return weakness{
		neverSyncs:       mutant == NeverFsync,
		neverSyncsFolder: mutant == NoFolderFsync,
		renamesEarly:     mutant == SnapshotBeforeLog,
		trusts:           mutant == TornTail,
		syncsLate:        mutant == LateFsync,
	}
}

// spoils reports whether the folder's own calls are changed.
func (w weakness) spoils() bool { return w.neverSyncs || w.neverSyncsFolder || w.syncsLate }

// forgetful is a folder whose syncs are left out, or late.
type forgetful struct {
	Folder
	weak weakness
}

func (f forgetful) Sync() error {
	if f.weak.syncsLate {
		return f.Folder.Sync()
	}
	return nil
}

func (f forgetful) Open(name string, create bool) (File, error) {
	file, err := f.Folder.Open(name, create)
	switch {
	case err != nil:
	case f.weak.neverSyncs:
		return neverSynced{file}, nil
	case f.weak.syncsLate:
		return &lateSynced{File: file}, nil
	}
	return file, err
}

type neverSynced struct{ File }

func (neverSynced) Sync() error { return nil }

// lateSynced is synced before it is written the next time.
type lateSynced struct {
	File
	due bool
}

func (f *lateSynced) Sync() error {
	f.due = true
	return nil
}

func (f *lateSynced) WriteAt(p []byte, at int64) (int, error) {
	if f.due {
		f.due = false
		if err := f.File.Sync(); err != nil {
			return 0, err
		}
	}
	return f.File.WriteAt(p, at)
}
