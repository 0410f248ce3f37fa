package report

import (
	"groupy/checker/history"
	"groupy/harness/store"
)

// deliverers fills in, for each message that is asked about, who delivered it. It
// reads the history once more, and only if anything is asked.
func deliverers(folder string, about map[string]map[string]bool) error {
	if len(about) == 0 {
		return nil
	}
	path, err := store.Folder(folder).History()
	if err != nil {
		return err
	}
	r, err := history.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	for e, err := range r.Events() {
		if err != nil {
			return err
		}
		by, asked := about[e.Msg]
		if e.Type != history.Deliver || !asked {
			continue
		}
		if by == nil {
			by = map[string]bool{}
			about[e.Msg] = by
		}
		by[e.Member] = true
	}
	return nil
}
