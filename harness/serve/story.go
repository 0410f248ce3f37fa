package serve

import (
	"encoding/json"
	"path"
	"path/filepath"

	"groupy/harness/campaign"
	"groupy/harness/index"
	"groupy/harness/store"
	"groupy/harness/verdict"
	"groupy/harness/why"
)

// maxTold is how many kinds of failures a page tells the story of.
const maxTold = 20

// failure is a kind of failure with the story of its smallest run, or of its first.
type failure struct {
	campaign.Failure
	Told why.Story
}

// failures are those of a campaign, or of all if it is "".
func (s *Server) failures(db *index.DB, name string) (list []failure, err error) {
	all, err := db.Failures(name)
	for i, f := range all {
		told := failure{Failure: f}
		switch {
		case i >= maxTold:
		case f.Shrunk != nil && f.Shrunk.Folder != "":
			told.Told = s.story(f.Shrunk.Folder)
		case f.First != nil && f.First.Folder != "":
			told.Told = s.story(f.First.Folder)
		}
		list = append(list, told)
	}
	return list, err
}

// story tells a run of the store, if there is anything to tell. What is told is read by
// name, and must not be led astray.
func (s *Server) story(folder string) why.Story {
	var j verdict.Judgement
	data, err := s.root.ReadFile(path.Join(folder, store.VerdictFile))
	if err != nil || json.Unmarshal(data, &j) != nil || s.links(folder) {
		return why.Story{}
	}
	told, err := why.Stored(store.Folder(filepath.Join(s.store, filepath.FromSlash(folder))), &j)
	if err != nil {
		return why.Story{} // its plan cannot be read; the run's own page says more
	}
	return told
}
