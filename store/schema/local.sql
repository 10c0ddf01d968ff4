-- What this machine has observed, and what is nobody else's business. Losing it
-- delays a removal and never hastens one. Later releases change it by steps of
-- their own (local_steps.cpp); this text stays as it is.

-- One local placement: how its manifest file looked when it was last read, and
-- how long it has been gone. Absence is counted in CLOCK_BOOTTIME of the boot
-- named, between sweeps that both saw it absent.
CREATE TABLE observed (
  agent TEXT NOT NULL,
  path TEXT NOT NULL,
  device INTEGER,
  inode INTEGER,
  size INTEGER,
  mtime_ns INTEGER,
  ctime_ns INTEGER,
  read_at_ns INTEGER,
  file_hash TEXT,
  content_hash TEXT,
  absent_for_ns INTEGER NOT NULL DEFAULT 0,
  absent_since_ns INTEGER,
  absent_boot TEXT,
  PRIMARY KEY (agent, path)
) WITHOUT ROWID;

-- Which op of each field a placement's file holds: the `saw` of the next edit
-- found in it.
CREATE TABLE held (
  agent TEXT NOT NULL,
  path TEXT NOT NULL,
  field TEXT NOT NULL,
  instance TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (agent, path, field, instance)
) WITHOUT ROWID;

CREATE TABLE last_seen (
  agent TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  event TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE acknowledged_conflicts (
  id TEXT PRIMARY KEY,
  at_ms INTEGER NOT NULL
) WITHOUT ROWID;

-- The answers to requests that are done, repeated for a day.
CREATE TABLE requests (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL,
  answer TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX requests_by_age ON requests (at_ms);

CREATE TABLE sweeps (
  number INTEGER PRIMARY KEY,
  began_ms INTEGER NOT NULL,
  ended_ms INTEGER,
  boot TEXT NOT NULL,
  began_boot_ns INTEGER NOT NULL,
  counters_json TEXT NOT NULL
);

CREATE TABLE telemetry (
  number INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail_json TEXT NOT NULL
);
