-- The first schema: cases with their journals, contents and outbox; releases; people.
-- Times are UTC microseconds, money is nano-units, booleans are 0 and 1, digests are lower-case hex.

-- One row per tenant. key_check is a known text sealed with the tenant's key: a lost or foreign key file is noticed at start.
CREATE TABLE tenants (
    tenant_id TEXT NOT NULL PRIMARY KEY,
    key_check BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Where each case stands: what its journal adds up to, kept for queries. id follows the order of acceptance.
-- owner is the process that works on the case; null while it waits, is delayed, or has ended. Each take-over raises epoch.
CREATE TABLE cases (
    id                 INTEGER PRIMARY KEY,
    tenant_id          TEXT NOT NULL,
    case_id            TEXT NOT NULL,
    number             INTEGER NOT NULL,
    workflow           TEXT NOT NULL,
    release_digest     TEXT NOT NULL,
    status             TEXT NOT NULL,
    seq                INTEGER NOT NULL,
    epoch              INTEGER NOT NULL,
    owner              TEXT,
    touched_at         INTEGER NOT NULL,
    not_before         INTEGER NOT NULL,
    accepted_at        INTEGER NOT NULL,
    answered_at        INTEGER,
    ended_at           INTEGER,
    due_at             INTEGER,
    outcome            TEXT,
    decision           TEXT,
    fallback           INTEGER NOT NULL,
    cost               INTEGER,
    currency           TEXT NOT NULL,
    seconds_shown      INTEGER,
    language           TEXT NOT NULL,
    output             TEXT NOT NULL,
    drafted            INTEGER NOT NULL,
    draft_commitment   TEXT NOT NULL,
    delivery_intended  INTEGER NOT NULL,
    delivery_attempts  INTEGER NOT NULL,
    interruptions      INTEGER NOT NULL,
    reasons            TEXT NOT NULL,  -- JSON array of codes
    done               TEXT NOT NULL,  -- JSON array of steps
    attempts           TEXT NOT NULL   -- JSON array of model calls
) STRICT;

CREATE UNIQUE INDEX cases_by_id ON cases (tenant_id, case_id);
CREATE UNIQUE INDEX cases_by_number ON cases (tenant_id, number);
CREATE INDEX cases_by_workflow ON cases (tenant_id, workflow, accepted_at);
CREATE INDEX cases_runnable ON cases (owner, not_before, accepted_at) WHERE status IN ('open', 'delivering');
CREATE INDEX cases_waiting ON cases (tenant_id, coalesce(due_at, 9223372036854775807), case_id)
    WHERE status IN ('review', 'escalated');

-- The journal. payload holds the exact canonical bytes; id is the order of commitment. The last three columns are the sealer's.
CREATE TABLE events (
    id         INTEGER PRIMARY KEY,
    tenant_id  TEXT NOT NULL,
    case_id    TEXT NOT NULL,
    seq        INTEGER NOT NULL,
    payload    BLOB NOT NULL,
    prev       BLOB,
    leaf       BLOB,
    sealed_at  INTEGER
) STRICT;

CREATE UNIQUE INDEX events_by_case ON events (tenant_id, case_id, seq);

-- Contents of cases, sealed with the case's data key; one row per item, never shared between cases. Erasure deletes rows here.
CREATE TABLE contents (
    id         INTEGER PRIMARY KEY,
    tenant_id  TEXT NOT NULL,
    case_id    TEXT NOT NULL,
    name       TEXT NOT NULL,
    salt       BLOB NOT NULL,
    sealed     BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX contents_by_case ON contents (tenant_id, case_id, name);

-- The data key of each case, wrapped with its tenant's key. Erasure deletes it as well.
CREATE TABLE case_keys (
    tenant_id  TEXT NOT NULL,
    case_id    TEXT NOT NULL,
    wrapped    BLOB NOT NULL,
    PRIMARY KEY (tenant_id, case_id)
) STRICT, WITHOUT ROWID;

-- Whose data a case holds.
CREATE TABLE subject_refs (
    tenant_id    TEXT NOT NULL,
    subject_ref  TEXT NOT NULL,
    case_id      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, subject_ref, case_id)
) STRICT, WITHOUT ROWID;

-- Keys under which callers may repeat a request; fingerprint is SHA-256 of salt and request.
CREATE TABLE idempotency_keys (
    tenant_id    TEXT NOT NULL,
    workflow     TEXT NOT NULL,
    key          TEXT NOT NULL,
    salt         BLOB NOT NULL,
    fingerprint  BLOB NOT NULL,
    case_id      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, workflow, key)
) STRICT, WITHOUT ROWID;

-- Outward effects: intended, and done when done_at is set. key is what the receiver gets to recognise a repetition.
CREATE TABLE effects (
    tenant_id   TEXT NOT NULL,
    case_id     TEXT NOT NULL,
    number      INTEGER NOT NULL,
    key         TEXT NOT NULL,
    not_before  INTEGER NOT NULL,
    done_at     INTEGER,
    PRIMARY KEY (tenant_id, case_id, number),
    UNIQUE (tenant_id, key)
) STRICT, WITHOUT ROWID;

-- Releases, kept for ever; their files by hash.
CREATE TABLE files (
    tenant_id  TEXT NOT NULL,
    hash       TEXT NOT NULL,
    content    BLOB NOT NULL,
    PRIMARY KEY (tenant_id, hash)
) STRICT;

CREATE TABLE releases (
    id            INTEGER PRIMARY KEY,
    tenant_id     TEXT NOT NULL,
    digest        TEXT NOT NULL,
    workflow      TEXT NOT NULL,
    definition    TEXT NOT NULL,  -- the workflow as JSON
    index_id      TEXT NOT NULL,
    added_at      INTEGER NOT NULL,
    activated_at  INTEGER,
    UNIQUE (tenant_id, digest)
) STRICT;

CREATE TABLE release_files (
    tenant_id  TEXT NOT NULL,
    digest     TEXT NOT NULL,
    path       TEXT NOT NULL,
    hash       TEXT NOT NULL,
    PRIMARY KEY (tenant_id, digest, path),
    FOREIGN KEY (tenant_id, digest) REFERENCES releases (tenant_id, digest),
    FOREIGN KEY (tenant_id, hash) REFERENCES files (tenant_id, hash)
) STRICT, WITHOUT ROWID;

-- Which release of a workflow is active.
CREATE TABLE pointers (
    tenant_id  TEXT NOT NULL,
    workflow   TEXT NOT NULL,
    digest     TEXT NOT NULL,
    PRIMARY KEY (tenant_id, workflow),
    FOREIGN KEY (tenant_id, digest) REFERENCES releases (tenant_id, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE release_events (
    id         INTEGER PRIMARY KEY,
    tenant_id  TEXT NOT NULL,
    digest     TEXT NOT NULL,
    payload    BLOB NOT NULL,
    prev       BLOB,
    leaf       BLOB,
    sealed_at  INTEGER
) STRICT;

-- Names behind pseudonymous ids; deletable, and nowhere else.
CREATE TABLE people (
    tenant_id  TEXT NOT NULL,
    person_id  TEXT NOT NULL,
    name       TEXT NOT NULL,
    PRIMARY KEY (tenant_id, person_id)
) STRICT, WITHOUT ROWID;
