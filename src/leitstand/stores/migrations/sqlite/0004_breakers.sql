-- How the breakers of models stand: version grows with each change, so that of two processes one comes first.
CREATE TABLE breakers (
    tenant_id  TEXT NOT NULL,
    provider   TEXT NOT NULL,
    model      TEXT NOT NULL,
    base_url   TEXT NOT NULL,
    state      TEXT NOT NULL,
    until      INTEGER NOT NULL,
    openings   INTEGER NOT NULL,
    cause      TEXT NOT NULL,
    version    INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, provider, model, base_url)
) STRICT, WITHOUT ROWID;
