-- What examinations of releases found: drills, gold cases. body is the JSON of its kind.
CREATE TABLE reports (
    id              INTEGER PRIMARY KEY,
    tenant_id       TEXT NOT NULL,
    workflow        TEXT NOT NULL,
    release_digest  TEXT NOT NULL,
    kind            TEXT NOT NULL,
    at              INTEGER NOT NULL,
    body            BLOB NOT NULL
) STRICT;

CREATE INDEX reports_newest ON reports (tenant_id, workflow, kind, at);
