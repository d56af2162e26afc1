-- Stops: who stopped what and why, who proposed the restart, who confirmed it. At most one is in force on the same subject.
CREATE TABLE stops (
    stop_id       TEXT NOT NULL PRIMARY KEY,
    tenant_id     TEXT NOT NULL,
    scope         TEXT NOT NULL,
    subject       TEXT NOT NULL,
    reason        TEXT NOT NULL,
    stopped_by    TEXT NOT NULL,
    stopped_at    INTEGER NOT NULL,
    proposed_by   TEXT NOT NULL,
    proposed_at   INTEGER,
    token_hash    TEXT NOT NULL,
    restarted_by  TEXT NOT NULL,
    restarted_at  INTEGER
) STRICT;

CREATE UNIQUE INDEX stops_in_force ON stops (tenant_id, scope, subject) WHERE restarted_at IS NULL;
CREATE INDEX stops_newest ON stops (tenant_id, stopped_at);

CREATE TABLE stop_events (
    id         INTEGER PRIMARY KEY,
    tenant_id  TEXT NOT NULL,
    stop_id    TEXT NOT NULL,
    payload    BLOB NOT NULL,
    prev       BLOB,
    leaf       BLOB,
    sealed_at  INTEGER
) STRICT;
