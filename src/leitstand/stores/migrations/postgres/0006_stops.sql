-- Stops: who stopped what and why, who proposed the restart, who confirmed it. At most one is in force on the same subject.
-- A process that does not know them would work on, so none may.
CREATE TABLE stops (
    stop_id       text COLLATE "C" NOT NULL PRIMARY KEY,
    tenant_id     text COLLATE "C" NOT NULL,
    scope         text COLLATE "C" NOT NULL,
    subject       text COLLATE "C" NOT NULL,
    reason        text NOT NULL,
    stopped_by    text COLLATE "C" NOT NULL,
    stopped_at    bigint NOT NULL,
    proposed_by   text COLLATE "C" NOT NULL,
    proposed_at   bigint,
    token_hash    text COLLATE "C" NOT NULL,
    restarted_by  text COLLATE "C" NOT NULL,
    restarted_at  bigint
);

CREATE UNIQUE INDEX stops_in_force ON stops (tenant_id, scope, subject) WHERE restarted_at IS NULL;
CREATE INDEX stops_newest ON stops (tenant_id, stopped_at);

CREATE TABLE stop_events (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id  text COLLATE "C" NOT NULL,
    stop_id    text COLLATE "C" NOT NULL,
    payload    bytea NOT NULL,
    prev       bytea,
    leaf       bytea,
    sealed_at  bigint
);
