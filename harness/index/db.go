package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite"

	"groupy/harness/campaign"
)

// the database, in Go alone

// DBFile is the store's database.
const DBFile = "groupy.db"

// schema is what `groupy runs --where` and others can ask. It is documented in
// docs/campaigns.md. Folders are below the store.
const schema = `
CREATE TABLE IF NOT EXISTS campaigns (
  campaign TEXT PRIMARY KEY, -- name of its folder below campaigns/
  folder   TEXT NOT NULL,
  seed     TEXT NOT NULL,
  began    TEXT NOT NULL,    -- RFC 3339
  planned  INTEGER NOT NULL, -- runs; 0: no bound
  spec     TEXT NOT NULL     -- campaign.json
);
CREATE TABLE IF NOT EXISTS runs (
  campaign TEXT NOT NULL, number INTEGER NOT NULL,
  protocol TEXT NOT NULL, workload TEXT NOT NULL, nemesis TEXT NOT NULL, nodes INTEGER NOT NULL, world TEXT NOT NULL,
  seed TEXT NOT NULL,
  verdict TEXT NOT NULL,     -- valid, invalid, unknown; '' if the harness broke before
  signature TEXT NOT NULL,   -- '' if nothing is violated
  unknown TEXT NOT NULL,     -- codes of reasons, with commas between
  broken TEXT NOT NULL,      -- the harness's own failure
  folder TEXT NOT NULL,      -- '' if the run keeps only its line
  events INTEGER NOT NULL, at TEXT NOT NULL, took_ms INTEGER NOT NULL, lag_us INTEGER NOT NULL,
  PRIMARY KEY (campaign, number)
);
CREATE INDEX IF NOT EXISTS runs_signature ON runs (protocol, signature) WHERE signature <> '';
CREATE TABLE IF NOT EXISTS shrunk (
  campaign TEXT NOT NULL, protocol TEXT NOT NULL, signature TEXT NOT NULL,
  number INTEGER NOT NULL,   -- of the run that was shrunk
  folder TEXT NOT NULL, world TEXT NOT NULL, before INTEGER NOT NULL, after INTEGER NOT NULL, nodes INTEGER NOT NULL,
  tried INTEGER NOT NULL, stopped INTEGER NOT NULL, failed TEXT NOT NULL,
  PRIMARY KEY (campaign, protocol, signature)
);
CREATE TABLE IF NOT EXISTS coverage (
  campaign TEXT NOT NULL, number INTEGER NOT NULL, protocol TEXT NOT NULL, fault TEXT NOT NULL, moment TEXT NOT NULL, met INTEGER NOT NULL,
  PRIMARY KEY (campaign, number, fault, moment)
);
CREATE VIEW IF NOT EXISTS signatures AS
  SELECT campaign, protocol, signature, COUNT(*) AS count, MIN(number) AS first FROM runs
  WHERE signature <> '' GROUP BY campaign, protocol, signature;
`

// DB is a store's database: an index over journals that can be rebuilt from them
// at any time.
type DB struct{ sql *sql.DB }

// OpenDB opens a store's database for writing, and makes it if it is missing.
func OpenDB(store string) (*DB, error) {
	if err := os.MkdirAll(store, 0o755); err != nil {
		return nil, err
	}
	db, err := open(store, "rwc")
	if err != nil {
		return nil, err
	}
	if _, err := db.sql.Exec(schema); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w; groupy store rebuild makes it anew", filepath.Join(store, DBFile), err), db.Close())
	}
	return db, nil
}

// ReadDB opens a store's database for reading alone.
func ReadDB(store string) (*DB, error) {
	path := filepath.Join(store, DBFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s holds no %s: no campaign ran in it yet, or groupy store rebuild makes it anew: %w", store, DBFile, err)
	}
	db, err := open(store, "ro")
	if err != nil {
		return nil, err
	}
	if _, err := db.sql.Exec("SELECT 1 FROM runs LIMIT 1"); err != nil {
		return nil, errors.Join(fmt.Errorf("%s cannot be read: %w; a campaign may have been killed while it wrote: groupy campaign --resume finishes it, groupy store rebuild makes it anew", path, err), db.Close())
	}
	return db, nil
}

func open(store, mode string) (*DB, error) {
	path, err := filepath.Abs(filepath.Join(store, DBFile))
	if err != nil {
		return nil, err
	}
	query := url.Values{"mode": {mode}, "_pragma": {"busy_timeout(10000)", "synchronous(NORMAL)"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return &DB{db}, nil
}

// Close closes the database.
func (db *DB) Close() error { return db.sql.Close() }

// campaign writes down what a campaign is.
func (db *DB) campaign(dir string, s *campaign.Spec) error {
	spec, err := json.Marshal(s)
	if err != nil {
		return err
	}
	name := filepath.Base(dir)
	_, err = db.sql.Exec("INSERT OR REPLACE INTO campaigns VALUES (?, ?, ?, ?, ?, ?)",
		name, campaign.Folder+"/"+name, s.Seed, s.Began.Format(timeFormat), s.Runs, string(spec))
	return err
}

const timeFormat = "2006-01-02T15:04:05.000Z07:00"

// add writes lines of a campaign's journal, all or none. A line that is there
// already is replaced by itself.
func (db *DB) add(dir string, lines []*campaign.Line) error {
	if len(lines) == 0 {
		return nil
	}
	tx, err := db.sql.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing
	name := filepath.Base(dir)
	for _, l := range lines {
		switch l.Kind {
		case campaign.KindRun:
			err = addRun(tx, name, l.Run)
		case campaign.KindShrunk:
			s := l.Shrunk
			_, err = tx.Exec("INSERT OR REPLACE INTO shrunk VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
				name, s.Protocol, s.Signature, s.From, below(name, s.Folder), s.World, s.Before, s.After, s.Nodes, s.Tried, s.Stopped, s.Failed)
		}
		if err != nil {
			return err
		}
	}
	return tx.Commit()
}

func addRun(tx *sql.Tx, name string, r *campaign.Run) error {
	_, err := tx.Exec("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		name, r.Number, r.Protocol, r.Workload, r.Nemesis, r.Nodes, r.World, r.Seed, r.Verdict, r.Signature,
		strings.Join(r.Unknown, ","), r.Broken, below(name, r.Folder), r.Events, r.At.Format(timeFormat), r.TookMS, r.LagUS)
	for _, fault := range r.Met.Faults() {
		for moment, n := range r.Met[fault] {
			if err == nil {
				_, err = tx.Exec("INSERT OR REPLACE INTO coverage VALUES (?, ?, ?, ?, ?, ?)", name, r.Number, r.Protocol, fault, moment, n)
			}
		}
	}
	return err
}

// below is a folder of a campaign, seen from the store.
func below(id, folder string) string {
	if folder == "" {
		return ""
	}
	return strings.Join([]string{campaign.Folder, id, filepath.ToSlash(folder)}, "/")
}

// Sync brings a campaign's rows up to its journal.
func (db *DB) Sync(dir string) (lines int, err error) {
	spec, err := campaign.ReadSpec(dir)
	if err != nil {
		return 0, err
	}
	var all []*campaign.Line
	if err := campaign.ReadJournal(dir, func(l *campaign.Line) { all = append(all, l) }); err != nil {
		return 0, err
	}
	return len(all), errors.Join(db.campaign(dir, spec), db.add(dir, all))
}
