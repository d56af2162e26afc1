-- The first schema: cases with their journals, contents and outbox; releases; people; the processes that work on them.
-- Names are those of SQLite. Times are UTC microseconds unless their type says otherwise, money is nano-units, digests are
-- lower-case hex. Ids and names are compared byte by byte (COLLATE "C"), so that every server orders them alike.
-- readable from: 1

-- Which schema this is. readable_from is the oldest schema whose programs may work beside it, so that an upgrade of many
-- processes need not stop them all.
CREATE TABLE leitstand_schema (
    version        integer NOT NULL PRIMARY KEY,
    readable_from  integer NOT NULL,
    applied_at     timestamptz NOT NULL DEFAULT now()
);

-- One row per tenant. key_check is a known text sealed with the tenant's key: a lost or foreign key file is noticed at start.
-- numbers names the sequence of its display numbers, so that no two processes wait for each other to count.
CREATE TABLE tenants (
    tenant_id  text COLLATE "C" NOT NULL PRIMARY KEY,
    key_check  bytea NOT NULL,
    numbers    text NOT NULL UNIQUE
);

-- The processes that are there: heard_at is renewed by each of them, by the clock of this server. Who was not heard of for the
-- length of a lease is deleted by whoever notices, and its cases are free. knows is the newest schema that its program knows.
CREATE TABLE workers (
    worker_id  text COLLATE "C" NOT NULL PRIMARY KEY,
    address    text NOT NULL,
    knows      integer NOT NULL,
    heard_at   timestamptz NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 1000);

-- Where each case stands: what its journal adds up to, kept for queries. owner is the process that works on the case; null
-- while it waits, is delayed, or has ended. Each take-over raises epoch. Room is left in each page, so that most updates stay in
-- theirs and touch no index.
CREATE TABLE cases (
    tenant_id          text COLLATE "C" NOT NULL,
    case_id            text COLLATE "C" NOT NULL,
    number             bigint NOT NULL,
    workflow           text COLLATE "C" NOT NULL,
    release_digest     text COLLATE "C" NOT NULL,
    priority           smallint NOT NULL,
    job                text COLLATE "C" NOT NULL,
    status             text COLLATE "C" NOT NULL,
    seq                integer NOT NULL,
    epoch              integer NOT NULL,
    owner              text COLLATE "C",
    crashes            integer NOT NULL DEFAULT 0,
    touched_at         bigint NOT NULL,
    not_before         bigint NOT NULL,
    accepted_at        bigint NOT NULL,
    answered_at        bigint,
    ended_at           bigint,
    due_at             bigint,
    outcome            text,
    decision           text,
    fallback           boolean NOT NULL,
    cost               bigint,
    currency           text NOT NULL,
    seconds_shown      bigint,
    language           text NOT NULL,
    output             text NOT NULL,
    drafted            boolean NOT NULL,
    draft_commitment   text NOT NULL,
    delivery_intended  boolean NOT NULL,
    delivery_attempts  integer NOT NULL,
    interruptions      integer NOT NULL,
    reasons            text NOT NULL,  -- JSON array of codes
    done               text NOT NULL,  -- JSON array of steps
    attempts           text NOT NULL,  -- JSON array of model calls
    PRIMARY KEY (tenant_id, case_id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

CREATE UNIQUE INDEX cases_by_number ON cases (tenant_id, number);
CREATE INDEX cases_by_workflow ON cases (tenant_id, workflow, accepted_at);
CREATE INDEX cases_by_job ON cases (tenant_id, job, status) WHERE job <> '';
CREATE INDEX cases_due ON cases (priority, not_before, accepted_at)
    WHERE status IN ('open', 'delivering') AND owner IS NULL;
CREATE INDEX cases_suspect ON cases (not_before, accepted_at)
    WHERE status IN ('open', 'delivering') AND owner IS NULL AND crashes >= 2;
CREATE INDEX cases_owned ON cases (owner) WHERE status IN ('open', 'delivering') AND owner IS NOT NULL;
CREATE INDEX cases_waiting ON cases (tenant_id, coalesce(due_at, 9223372036854775807), case_id)
    WHERE status IN ('review', 'escalated');

-- The journal. payload holds the exact canonical bytes. The last three columns are the sealer's. Case ids begin with the time
-- of their making, so all events of a case lie in the partition of the month in which it was accepted; what fits no month lies
-- in the default one. Old months are dropped as a whole.
CREATE TABLE events (
    tenant_id  text COLLATE "C" NOT NULL,
    case_id    text COLLATE "C" NOT NULL,
    seq        integer NOT NULL,
    payload    bytea NOT NULL,
    prev       bytea,
    leaf       bytea,
    sealed_at  bigint,
    PRIMARY KEY (tenant_id, case_id, seq)
) PARTITION BY RANGE (case_id);

CREATE TABLE events_default PARTITION OF events DEFAULT;

-- Contents of cases, sealed with the case's data key; one row per item, never shared between cases. Erasure deletes rows here.
-- Sealed bytes do not shrink, so no time is spent on trying.
CREATE TABLE contents (
    tenant_id  text COLLATE "C" NOT NULL,
    case_id    text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    salt       bytea NOT NULL,
    sealed     bytea NOT NULL,
    PRIMARY KEY (tenant_id, case_id, name)
) PARTITION BY RANGE (case_id);
-- Ciphertext does not shrink. Months inherit this.
ALTER TABLE contents ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE contents_default PARTITION OF contents DEFAULT;

-- The data key of each case, wrapped with its tenant's key. Erasure deletes it as well.
CREATE TABLE case_keys (
    tenant_id  text COLLATE "C" NOT NULL,
    case_id    text COLLATE "C" NOT NULL,
    wrapped    bytea NOT NULL,
    PRIMARY KEY (tenant_id, case_id)
);

-- Whose data a case holds.
CREATE TABLE subject_refs (
    tenant_id    text COLLATE "C" NOT NULL,
    subject_ref  text COLLATE "C" NOT NULL,
    case_id      text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, subject_ref, case_id)
);

-- Keys under which callers may repeat a request; fingerprint is SHA-256 of salt and request.
CREATE TABLE idempotency_keys (
    tenant_id    text COLLATE "C" NOT NULL,
    workflow     text COLLATE "C" NOT NULL,
    key          text COLLATE "C" NOT NULL,
    salt         bytea NOT NULL,
    fingerprint  bytea NOT NULL,
    case_id      text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, workflow, key)
);

-- Outward effects: intended, and done when done_at is set. key is what the receiver gets to recognise a repetition.
CREATE TABLE effects (
    tenant_id   text COLLATE "C" NOT NULL,
    case_id     text COLLATE "C" NOT NULL,
    number      integer NOT NULL,
    key         text COLLATE "C" NOT NULL,
    not_before  bigint NOT NULL,
    done_at     bigint,
    PRIMARY KEY (tenant_id, case_id, number),
    UNIQUE (tenant_id, key)
);

-- Releases, kept for ever; their files by hash.
CREATE TABLE files (
    tenant_id  text COLLATE "C" NOT NULL,
    hash       text COLLATE "C" NOT NULL,
    content    bytea NOT NULL,
    PRIMARY KEY (tenant_id, hash)
);

CREATE TABLE releases (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id     text COLLATE "C" NOT NULL,
    digest        text COLLATE "C" NOT NULL,
    workflow      text COLLATE "C" NOT NULL,
    definition    text NOT NULL,  -- the workflow as JSON
    index_id      text NOT NULL,
    added_at      bigint NOT NULL,
    activated_at  bigint,
    UNIQUE (tenant_id, digest)
);

CREATE TABLE release_files (
    tenant_id  text COLLATE "C" NOT NULL,
    digest     text COLLATE "C" NOT NULL,
    path       text COLLATE "C" NOT NULL,
    hash       text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, digest, path),
    FOREIGN KEY (tenant_id, digest) REFERENCES releases (tenant_id, digest),
    FOREIGN KEY (tenant_id, hash) REFERENCES files (tenant_id, hash)
);

-- Which release of a workflow is active.
CREATE TABLE pointers (
    tenant_id  text COLLATE "C" NOT NULL,
    workflow   text COLLATE "C" NOT NULL,
    digest     text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, workflow),
    FOREIGN KEY (tenant_id, digest) REFERENCES releases (tenant_id, digest)
);

CREATE TABLE release_events (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id  text COLLATE "C" NOT NULL,
    digest     text COLLATE "C" NOT NULL,
    payload    bytea NOT NULL,
    prev       bytea,
    leaf       bytea,
    sealed_at  bigint
);

-- Names behind pseudonymous ids; deletable, and nowhere else.
CREATE TABLE people (
    tenant_id  text COLLATE "C" NOT NULL,
    person_id  text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, person_id)
);
