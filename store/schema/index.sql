-- The index: derived from the feeds, deletable at any time. A file whose schema
-- is not this text, to the byte, is folded anew. Rows 2: raise the number when
-- a row comes to mean something else without a change below.

-- 'schema': the SHA-256 of this text. 'checksum': the sum of the hashes of all
-- rows of all tables below.
CREATE TABLE facts (
  name TEXT PRIMARY KEY,
  value
) WITHOUT ROWID;

-- Everybody the fold has heard of, numbered from 0. `folded` is the state
-- vector. `retired_by`, `retired_seq`: the least commit that retired it.
CREATE TABLE instances (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  folded INTEGER NOT NULL,
  retired_by TEXT,
  retired_seq INTEGER,
  refused INTEGER NOT NULL
);

-- The first ops of a feed that the fold took no notice of, in its order.
CREATE TABLE refusals (
  instance INTEGER NOT NULL,
  entry INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  position INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  PRIMARY KEY (instance, entry)
) WITHOUT ROWID;

-- What holds of each agent: of every field the winner, NULL where there is
-- none. Texts are decoded, flags are 0 or 1, *_json is JSON. What is carried
-- without being known, or is not of the field's type, stands in `extras`.
CREATE TABLE agents (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  live INTEGER NOT NULL,
  name TEXT,
  display_name TEXT,
  description TEXT,
  runtime TEXT,
  capabilities_json TEXT,
  behavior_json TEXT,
  namespace TEXT,
  registered_at TEXT,
  registered_by TEXT,
  persona TEXT,
  persona_enabled INTEGER,
  traits_json TEXT,
  conventions_json TEXT,
  color TEXT,
  icon TEXT,
  is_system INTEGER,
  model TEXT,
  effort TEXT,
  account TEXT,
  enabled_tool_groups_json TEXT,
  mcp_servers_json TEXT,
  budget_json TEXT,
  extras TEXT,
  content_hash TEXT
);

CREATE INDEX agents_by_runtime ON agents (runtime);

CREATE INDEX agents_by_name ON agents (name);

-- The heads of every register. `subject` is an agent's number and `key` a
-- field; or it is the negative of a rule's number and `key` is empty. Rank 0
-- is the winner; rank -1 is superseded and kept as the fold asks for it.
CREATE TABLE heads (
  subject INTEGER NOT NULL,
  key TEXT NOT NULL,
  rank INTEGER NOT NULL,
  author INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  origin INTEGER NOT NULL,
  value TEXT,
  made_by TEXT NOT NULL,
  PRIMARY KEY (subject, key, rank)
) WITHOUT ROWID;

-- What the heads do not tell. Kind 0: `author` is folded through `seq` for this
-- key. Kind 1: the op (author, seq) saw the others in `saw`, as "number:through"
-- with blanks between. Kind 2: the author has several open ops on this key, and
-- `seq` is one of them. Open are those that no later one of the author saw; of
-- others kind 1 is not kept.
CREATE TABLE notes (
  subject INTEGER NOT NULL,
  key TEXT NOT NULL,
  kind INTEGER NOT NULL,
  author INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  saw TEXT NOT NULL,
  PRIMARY KEY (subject, key, kind, author, seq)
) WITHOUT ROWID;

CREATE TABLE conflicts (
  subject INTEGER NOT NULL,
  key TEXT NOT NULL,
  id TEXT NOT NULL UNIQUE,
  PRIMARY KEY (subject, key)
) WITHOUT ROWID;

-- Where agents live. `path` is NULL once the owner dropped it; `dropped` says
-- that another did.
CREATE TABLE placements (
  agent INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  dropped INTEGER NOT NULL,
  path TEXT,
  scan_root TEXT,
  namespace TEXT,
  admitted INTEGER,
  PRIMARY KEY (agent, owner)
) WITHOUT ROWID;

CREATE INDEX placements_by_namespace ON placements (namespace);

CREATE INDEX placements_by_path ON placements (owner, path);

-- The latest placement of an owner that an `agent.drop` of an author names.
CREATE TABLE drops (
  agent INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  author INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (agent, owner, author)
) WITHOUT ROWID;

-- `action` is NULL where none holds.
CREATE TABLE rules (
  number INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  target TEXT NOT NULL,
  action TEXT,
  UNIQUE (source, target)
);

-- `reason` is NULL once the owner dropped it.
CREATE TABLE denials (
  owner TEXT NOT NULL,
  path TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  reason TEXT,
  made_by TEXT,
  strategy TEXT,
  PRIMARY KEY (owner, path)
) WITHOUT ROWID;
