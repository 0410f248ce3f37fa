package stable

// weakness is what a mutant leaves out.
type weakness struct {
	neverSyncs       bool
	neverSyncsFolder bool
	renamesEarly     bool // before the content of what is renamed is synced
	trusts           bool // whatever is there is a record
}

// The names of the mutants, as Open has them.
const (
	NeverFsync        = "never-fsync"
	NoFolderFsync     = "no-folder-fsync"
	SnapshotBeforeLog = "snapshot-before-log"
	TornTail          = "torn-tail"
)

func weaknessOf(mutant string) weakness {
	return weakness{
		neverSyncs:       mutant == NeverFsync,
		neverSyncsFolder: mutant == NoFolderFsync,
		renamesEarly:     mutant == SnapshotBeforeLog,
		trusts:           mutant == TornTail,
	}
}

// forgetful is a folder whose syncs are left out.
type forgetful struct {
	Folder
	weak weakness
}

func (f forgetful) Sync() error { return nil }

func (f forgetful) Open(name string, create bool) (File, error) {
	file, err := f.Folder.Open(name, create)
	if err == nil && f.weak.neverSyncs {
		file = neverSynced{file}
	}
	return file, err
}

type neverSynced struct{ File }

func (neverSynced) Sync() error { return nil }
