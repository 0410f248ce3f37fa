package index

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"groupy/harness/campaign"
	"groupy/harness/plan"
	"groupy/harness/replay"
)

// Summary is one campaign of a store.
type Summary struct {
	Name    string    `json:"campaign"`
	Folder  string    `json:"folder"` // below the store
	Seed    string    `json:"seed"`
	Began   time.Time `json:"began"`
	Planned int       `json:"planned"` // runs; 0: no bound
	campaign.Counts
}

// Campaigns are a store's campaigns with their counts, the newest first.
func (db *DB) Campaigns() ([]Summary, error) {
	return collect(db, func(rows *sql.Rows) (s Summary, err error) {
		var began string
		err = rows.Scan(&s.Name, &s.Folder, &s.Seed, &began, &s.Planned, &s.Runs, &s.Valid, &s.Invalid, &s.Unknown, &s.Broken)
		return s, errors.Join(err, parse(began, &s.Began))
	}, `SELECT c.campaign, c.folder, c.seed, c.began, c.planned, COUNT(r.number), COALESCE(SUM(r.verdict = 'valid'), 0),
	  COALESCE(SUM(r.verdict = 'invalid'), 0), COALESCE(SUM(r.verdict = 'unknown'), 0), COALESCE(SUM(r.broken <> ''), 0)
	  FROM campaigns c LEFT JOIN runs r USING (campaign) GROUP BY c.campaign ORDER BY c.began DESC, c.campaign DESC`)
}

// CellSummary is one cell of a campaign's matrix with the counts of its runs.
type CellSummary struct {
	campaign.Cell
	campaign.Counts
}

// CellSummaries are those of a campaign, or of all if it is "", by protocol; a cell
// without a run is left out.
func (db *DB) CellSummaries(campaign string) ([]CellSummary, error) {
	return collect(db, func(rows *sql.Rows) (s CellSummary, err error) {
		err = rows.Scan(&s.Protocol, &s.Workload, &s.Nemesis, &s.Nodes, &s.World, &s.Runs, &s.Valid, &s.Invalid, &s.Unknown, &s.Broken)
		return s, err
	}, `SELECT protocol, workload, nemesis, nodes, world, COUNT(*), SUM(verdict = 'valid'), SUM(verdict = 'invalid'), SUM(verdict = 'unknown'), SUM(broken <> '')
	  FROM runs WHERE ? IN ('', campaign) GROUP BY protocol, workload, nemesis, nodes, world ORDER BY protocol, workload, nemesis, nodes, world`, campaign)
}

// Row is one run of a store.
type Row struct {
	Campaign     string `json:"campaign"`
	campaign.Run        // its Folder is below the store
}

// ErrCondition is the reason why a condition could not be asked.
var ErrCondition = errors.New("the condition cannot be asked")

// Runs are the runs that a condition holds for, in SQL over the columns of the
// table runs; none: all. The order is that of campaigns and numbers. A limit of 0
// is none. The error is ErrCondition if the condition is to blame.
func (db *DB) Runs(where string, limit int) ([]Row, error) {
	if strings.Contains(where, ";") {
		return nil, fmt.Errorf("%w: it holds a semicolon; one condition is asked", ErrCondition)
	}
	if limit <= 0 {
		limit = -1
	}
	if strings.TrimSpace(where) == "" {
		where = "1"
	}
	// The condition stands on lines of its own, so that a comment in it ends there.
	list, err := collect(db, scanRun, `SELECT campaign, number, protocol, workload, nemesis, nodes, world, seed, verdict, signature,
	  unknown, broken, folder, events, at, took_ms, lag_us FROM runs WHERE (
`+where+`
) ORDER BY campaign, number LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCondition, err)
	}
	return list, nil
}

func scanCell(rows *sql.Rows) (c campaign.Cell, err error) {
	err = rows.Scan(&c.Protocol, &c.Workload, &c.Nemesis, &c.Nodes, &c.World)
	return c, err
}

func scanRun(rows *sql.Rows) (r Row, err error) {
	var unknown, at string
	err = rows.Scan(&r.Campaign, &r.Number, &r.Protocol, &r.Workload, &r.Nemesis, &r.Nodes, &r.World, &r.Seed, &r.Verdict, &r.Signature,
		&unknown, &r.Broken, &r.Folder, &r.Events, &at, &r.TookMS, &r.LagUS)
	if unknown != "" {
		r.Unknown = strings.Split(unknown, ",")
	}
	return r, errors.Join(err, parse(at, &r.At))
}

// Failures are the groups of one campaign, or of all if it is "": the counts are
// then over all campaigns, First is of the oldest one, and Shrunk the smallest.
// Folders are below the store.
func (db *DB) Failures(id string) ([]campaign.Failure, error) {
	list, err := collect(db, func(rows *sql.Rows) (f campaign.Failure, err error) {
		err = rows.Scan(&f.Protocol, &f.Signature, &f.Count, &f.Of)
		f.Low, f.High = replay.Wilson(f.Count, f.Of)
		return f, err
	}, `SELECT r.protocol, r.signature, COUNT(*), (SELECT COUNT(*) FROM runs o WHERE o.protocol = r.protocol AND ?1 IN ('', o.campaign))
	  FROM runs r WHERE r.signature <> '' AND ?1 IN ('', r.campaign) GROUP BY r.protocol, r.signature ORDER BY r.protocol, r.signature`, id)
	for i := range list {
		if err == nil {
			err = db.exemplify(id, &list[i])
		}
	}
	return list, err
}

// exemplify adds a group's first run and its smallest plan.
func (db *DB) exemplify(id string, f *campaign.Failure) error {
	first, err := collect(db, scanRun, `SELECT campaign, number, protocol, workload, nemesis, nodes, world, seed, verdict, signature,
	  unknown, broken, folder, events, at, took_ms, lag_us FROM runs WHERE protocol = ? AND signature = ? AND ? IN ('', campaign)
	  ORDER BY campaign, number LIMIT 1`, f.Protocol, f.Signature, id)
	if err != nil {
		return err
	}
	if len(first) > 0 {
		f.First = &first[0].Run
	}
	shrunk, err := collect(db, func(rows *sql.Rows) (s campaign.Shrunk, err error) {
		s.Group = f.Group
		err = rows.Scan(&s.From, &s.Folder, &s.World, &s.Before, &s.After, &s.Nodes, &s.Tried, &s.Stopped, &s.Failed)
		return s, err
	}, `SELECT number, folder, world, before, after, nodes, tried, stopped, failed FROM shrunk
	  WHERE protocol = ? AND signature = ? AND ? IN ('', campaign) ORDER BY failed <> '', after, campaign LIMIT 1`, f.Protocol, f.Signature, id)
	if len(shrunk) > 0 {
		f.Shrunk = &shrunk[0]
	}
	return err
}

// Coverage is what the faults of a campaign, or of all if it is "", met, by
// protocol.
func (db *DB) Coverage(campaign string) (map[string]plan.Coverage, error) {
	type row struct {
		protocol, fault, moment string
		met                     int
	}
	list, err := collect(db, func(rows *sql.Rows) (r row, err error) {
		err = rows.Scan(&r.protocol, &r.fault, &r.moment, &r.met)
		return r, err
	}, "SELECT protocol, fault, moment, SUM(met) FROM coverage WHERE ? IN ('', campaign) GROUP BY protocol, fault, moment", campaign)
	out := map[string]plan.Coverage{}
	for _, r := range list {
		if out[r.protocol] == nil {
			out[r.protocol] = plan.Coverage{}
		}
		out[r.protocol].Add(r.fault, r.moment, r.met)
	}
	return out, err
}

func collect[T any](db *DB, scan func(*sql.Rows) (T, error), query string, args ...any) (list []T, err error) {
	rows, err := db.sql.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, cmp.Or(rows.Err(), rows.Close())
}

func parse(text string, to *time.Time) (err error) {
	*to, err = time.Parse(time.RFC3339, text)
	return err
}
