-- What examinations of releases found: drills, gold cases. body is the JSON of its kind.
-- readable from: 1
CREATE TABLE reports (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id       text COLLATE "C" NOT NULL,
    workflow        text COLLATE "C" NOT NULL,
    release_digest  text COLLATE "C" NOT NULL,
    kind            text COLLATE "C" NOT NULL,
    at              bigint NOT NULL,
    body            bytea NOT NULL
);

CREATE INDEX reports_newest ON reports (tenant_id, workflow, kind, at);
