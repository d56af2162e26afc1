-- Every statement that the PostgreSQL store sends, each under its name; :name is a value that is bound.
-- Changes come in batches, and one statement writes them all: their rows as one JSON array, which costs driver and server a
-- fraction of an array for each column, and what is binary beside it in the same order. NOT IN over what a part of the statement
-- returned is a lookup in a hash table, whatever the planner thinks of sizes.

-- name: open_cases
-- A repeated key opens nothing; the keys are taken in order, so that two processes with the same keys never wait for each other.
WITH given AS MATERIALIZED (
    SELECT * FROM ROWS FROM (
        json_to_recordset(:cases::json) AS (
            tenant_id text, case_id text, numbers text, workflow text, release_digest text, priority smallint, job text, status text,
            seq integer, epoch integer, owner text, touched_at bigint, not_before bigint, accepted_at bigint, answered_at bigint,
            ended_at bigint, due_at bigint, outcome text, decision text, fallback boolean, cost bigint, currency text,
            seconds_shown bigint, language text, output text, drafted boolean, draft_commitment text, delivery_intended boolean,
            delivery_attempts integer, interruptions integer, reasons text, done text, attempts text
        ),
        unnest(:wrapped::bytea[])
    )
), admitted AS (
    INSERT INTO idempotency_keys (tenant_id, workflow, key, case_id, salt, fingerprint)
    SELECT * FROM ROWS FROM (
        json_to_recordset(:keys::json) AS (tenant_id text, workflow text, key text, case_id text),
        unnest(:key_salts::bytea[], :fingerprints::bytea[])
    ) AS k (tenant_id, workflow, key, case_id, salt, fingerprint)
    ORDER BY tenant_id, workflow, key
    ON CONFLICT DO NOTHING
    RETURNING case_id
), repeated AS (
    SELECT case_id FROM json_to_recordset(:keys::json) AS k (case_id text) WHERE case_id NOT IN (SELECT case_id FROM admitted)
), opened AS (
    INSERT INTO cases (
        tenant_id, case_id, number, workflow, release_digest, priority, job, status, seq, epoch, owner, touched_at, not_before,
        accepted_at, answered_at, ended_at, due_at, outcome, decision, fallback, cost, currency, seconds_shown, language, output,
        drafted, draft_commitment, delivery_intended, delivery_attempts, interruptions, reasons, done, attempts
    )
    SELECT
        tenant_id, case_id, nextval(numbers::regclass), workflow, release_digest, priority, job, status, seq, epoch, owner,
        touched_at, not_before, accepted_at, answered_at, ended_at, due_at, outcome, decision, fallback, cost, currency,
        seconds_shown, language, output, drafted, draft_commitment, delivery_intended, delivery_attempts, interruptions, reasons,
        done, attempts
    FROM given WHERE case_id NOT IN (SELECT case_id FROM repeated)
    RETURNING case_id, number
), keys_written AS (
    INSERT INTO case_keys (tenant_id, case_id, wrapped)
    SELECT tenant_id, case_id, unnest FROM given WHERE case_id NOT IN (SELECT case_id FROM repeated)
), events_written AS (
    INSERT INTO events (tenant_id, case_id, seq, payload)
    SELECT * FROM ROWS FROM (
        json_to_recordset(:events::json) AS (tenant_id text, case_id text, seq integer), unnest(:payloads::bytea[])
    ) AS e (tenant_id, case_id, seq, payload)
    WHERE case_id NOT IN (SELECT case_id FROM repeated)
), contents_written AS (
    INSERT INTO contents (tenant_id, case_id, name, salt, sealed)
    SELECT * FROM ROWS FROM (
        json_to_recordset(:contents::json) AS (tenant_id text, case_id text, name text), unnest(:salts::bytea[], :sealed::bytea[])
    ) AS c (tenant_id, case_id, name, salt, sealed)
    WHERE case_id NOT IN (SELECT case_id FROM repeated)
), effects_written AS (
    INSERT INTO effects (tenant_id, case_id, number, key, not_before, done_at)
    SELECT * FROM json_to_recordset(:effects::json)
        AS f (tenant_id text, case_id text, number integer, key text, not_before bigint, done_at bigint)
    WHERE case_id NOT IN (SELECT case_id FROM repeated)
)
SELECT case_id, number FROM opened

-- name: append_changes
-- The fence: nothing of a change is written unless its case still stands where the writer thinks it does. What is returned are
-- the cases that do. An effect that has another key already becomes a key of nothing, which the table refuses.
WITH given AS MATERIALIZED (
    SELECT * FROM json_to_recordset(:cases::json) AS i (
        tenant_id text, case_id text, due_to integer, epoch integer, status text, seq integer, owner text, touched_at bigint,
        not_before bigint, answered_at bigint, ended_at bigint, due_at bigint, outcome text, decision text, fallback boolean,
        cost bigint, currency text, seconds_shown bigint, language text, output text, drafted boolean, draft_commitment text,
        delivery_intended boolean, delivery_attempts integer, interruptions integer, reasons text, done text, attempts text, reused boolean
    )
), moved AS (
    UPDATE cases AS c SET
        status = i.status, seq = i.seq, owner = i.owner, crashes = 0, touched_at = i.touched_at, not_before = i.not_before,
        answered_at = i.answered_at, ended_at = i.ended_at, due_at = i.due_at, outcome = i.outcome, decision = i.decision,
        fallback = i.fallback, cost = i.cost, currency = i.currency, seconds_shown = i.seconds_shown, language = i.language,
        output = i.output, drafted = i.drafted, draft_commitment = i.draft_commitment, delivery_intended = i.delivery_intended,
        delivery_attempts = i.delivery_attempts, interruptions = i.interruptions, reasons = i.reasons, done = i.done,
        attempts = i.attempts, reused = i.reused
    FROM given AS i
    WHERE c.tenant_id = i.tenant_id AND c.case_id = i.case_id AND c.seq = i.due_to AND c.epoch = i.epoch
    RETURNING c.case_id
), overtaken AS (
    SELECT case_id FROM given WHERE case_id NOT IN (SELECT case_id FROM moved)
), events_written AS (
    INSERT INTO events (tenant_id, case_id, seq, payload)
    SELECT * FROM ROWS FROM (
        json_to_recordset(:events::json) AS (tenant_id text, case_id text, seq integer), unnest(:payloads::bytea[])
    ) AS e (tenant_id, case_id, seq, payload)
    WHERE case_id NOT IN (SELECT case_id FROM overtaken)
), contents_written AS (
    INSERT INTO contents (tenant_id, case_id, name, salt, sealed)
    SELECT * FROM ROWS FROM (
        json_to_recordset(:contents::json) AS (tenant_id text, case_id text, name text), unnest(:salts::bytea[], :sealed::bytea[])
    ) AS c (tenant_id, case_id, name, salt, sealed)
    WHERE case_id NOT IN (SELECT case_id FROM overtaken)
), effects_written AS (
    INSERT INTO effects (tenant_id, case_id, number, key, not_before, done_at)
    SELECT * FROM json_to_recordset(:effects::json)
        AS f (tenant_id text, case_id text, number integer, key text, not_before bigint, done_at bigint)
    WHERE case_id NOT IN (SELECT case_id FROM overtaken)
    ON CONFLICT (tenant_id, case_id, number) DO UPDATE SET
        key = CASE WHEN effects.key = excluded.key THEN excluded.key END,
        not_before = excluded.not_before, done_at = excluded.done_at
)
SELECT case_id FROM moved

-- name: admitted
-- The cases behind keys that came before, each with the place of its key in what is asked.
SELECT q.place, k.salt, k.fingerprint, c.*
FROM unnest(:tenant_id::text[], :workflow::text[], :key::text[]) WITH ORDINALITY AS q (tenant_id, workflow, key, place)
JOIN idempotency_keys AS k ON k.tenant_id = q.tenant_id AND k.workflow = q.workflow AND k.key = q.key
JOIN cases AS c ON c.tenant_id = k.tenant_id AND c.case_id = k.case_id

-- name: tenants
SELECT tenant_id, key_check, numbers FROM tenants

-- name: tenant
SELECT key_check, numbers FROM tenants WHERE tenant_id = :tenant_id

-- name: insert_tenant
INSERT INTO tenants (tenant_id, key_check, numbers) VALUES (:tenant_id, :key_check, :numbers)

-- name: events
SELECT payload FROM events WHERE tenant_id = :tenant_id AND case_id = :case_id ORDER BY seq

-- name: contents
SELECT c.name, c.sealed, k.wrapped
FROM contents AS c JOIN case_keys AS k ON k.tenant_id = c.tenant_id AND k.case_id = c.case_id
WHERE c.tenant_id = :tenant_id AND c.case_id = :case_id
  AND (cardinality(:names::text[]) = 0 OR c.name = ANY (:names::text[]))

-- name: case_key
SELECT wrapped FROM case_keys WHERE tenant_id = :tenant_id AND case_id = :case_id

-- name: case_by_id
SELECT * FROM cases WHERE tenant_id = :tenant_id AND case_id = :case_id

-- name: case_by_number
SELECT * FROM cases WHERE tenant_id = :tenant_id AND number = :number

-- name: stands
SELECT 1 FROM cases WHERE tenant_id = :tenant_id AND case_id = :case_id AND seq = :seq AND epoch = :epoch AND owner = :owner

-- name: register
INSERT INTO workers (worker_id, address, knows, heard_at) VALUES (:worker_id, :address, :knows, clock_timestamp())

-- name: renew
UPDATE workers SET heard_at = clock_timestamp() WHERE worker_id = :worker_id RETURNING worker_id

-- name: unregister
DELETE FROM workers WHERE worker_id = :worker_id

-- name: free_lost
-- Whoever was not heard of for the length of a lease is gone; what it held is free, and so is what belongs to nobody we know.
WITH gone AS (
    DELETE FROM workers WHERE heard_at < clock_timestamp() - :lease_seconds::double precision * interval '1 second'
    RETURNING worker_id
), lost AS MATERIALIZED (
    SELECT worker_id AS owner FROM gone
    UNION
    SELECT owner FROM cases
    WHERE status IN ('open', 'delivering') AND owner IS NOT NULL AND owner NOT IN (SELECT worker_id FROM workers)
)
UPDATE cases AS c SET owner = NULL, epoch = epoch + 1, crashes = crashes + (status = 'open')::integer
FROM lost WHERE status IN ('open', 'delivering') AND c.owner IS NOT NULL AND c.owner = lost.owner
RETURNING 1

-- name: hand_back
-- At the end: whoever has room may go on.
UPDATE cases SET owner = NULL WHERE status IN ('open', 'delivering') AND owner = :owner RETURNING 1

-- name: release_dropped
-- Cases that this process owns and does not run: not touched for a while, as their task broke down, or claimed without hearing of it.
UPDATE cases SET owner = NULL
WHERE status IN ('open', 'delivering') AND owner = :owner AND case_id <> ALL (:skip::text[])
  AND (touched_at < :untouched_since OR touched_at = ANY (:unheard::bigint[]))

-- name: claim
WITH due AS MATERIALIZED (
    SELECT tenant_id, case_id FROM cases
    WHERE status IN ('open', 'delivering') AND owner IS NULL AND priority = :priority AND not_before <= :now AND crashes < 2
      AND case_id <> ALL (:skip::text[])
      AND (tenant_id, workflow) NOT IN (SELECT * FROM unnest(:full_tenant_id::text[], :full_workflow::text[]))
    ORDER BY not_before, accepted_at
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
)
UPDATE cases AS c SET epoch = epoch + 1, owner = :owner, touched_at = :now FROM due
WHERE c.tenant_id = due.tenant_id AND c.case_id = due.case_id
RETURNING c.tenant_id, c.case_id, c.epoch, c.crashes, c.not_before, c.accepted_at

-- name: claim_suspects
WITH due AS MATERIALIZED (
    SELECT tenant_id, case_id FROM cases
    WHERE status IN ('open', 'delivering') AND crashes >= 2 AND owner IS NULL AND not_before <= :now
      AND case_id <> ALL (:skip::text[])
      AND (tenant_id, workflow) NOT IN (SELECT * FROM unnest(:full_tenant_id::text[], :full_workflow::text[]))
    ORDER BY not_before, accepted_at
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
)
UPDATE cases AS c SET epoch = epoch + 1, owner = :owner, touched_at = :now FROM due
WHERE c.tenant_id = due.tenant_id AND c.case_id = due.case_id
RETURNING c.tenant_id, c.case_id, c.epoch, c.crashes, c.not_before, c.accepted_at

-- name: journals
-- For each case on its own, so that only the month of that case is looked into.
SELECT k.case_id, j.payload
FROM unnest(:tenant_id::text[], :case_id::text[]) AS k (tenant_id, case_id),
LATERAL (SELECT payload FROM events AS e WHERE e.tenant_id = k.tenant_id AND e.case_id = k.case_id ORDER BY seq) AS j

-- name: queued
SELECT tenant_id, workflow, count(*) AS cases, min(accepted_at) AS oldest FROM (
    SELECT tenant_id, workflow, accepted_at FROM cases
    WHERE status IN ('open', 'delivering') AND owner IS NULL AND priority = :priority AND not_before <= :now
    ORDER BY not_before, accepted_at LIMIT :most
) AS due GROUP BY tenant_id, workflow

-- name: backlog
-- Counting stops at :most cases that nobody runs, as of a large backfill; those that wait for a retry are counted beside them.
-- A delivery that was refused for good leaves its effect undone, and its case failed: nobody waits for it any more.
WITH unfinished AS (
    SELECT tenant_id, case_id, workflow, accepted_at, delivery_intended FROM cases
    WHERE status IN ('open', 'delivering') AND owner IS NOT NULL
    UNION ALL
    SELECT * FROM (
        SELECT tenant_id, case_id, workflow, accepted_at, delivery_intended FROM cases
        WHERE status IN ('open', 'delivering') AND owner IS NULL AND priority IN (0, 1) AND not_before > 0 LIMIT :most
    ) AS delayed
    UNION ALL
    SELECT * FROM (
        SELECT tenant_id, case_id, workflow, accepted_at, delivery_intended FROM cases
        WHERE status IN ('open', 'delivering') AND owner IS NULL AND not_before <= 0
        ORDER BY priority, not_before, accepted_at LIMIT :most
    ) AS queued
)
SELECT 'open' AS kind, workflow, count(*) AS cases, min(accepted_at) AS since FROM unfinished GROUP BY workflow
UNION ALL
SELECT status, workflow, count(*), min(accepted_at) FROM cases
WHERE status IN ('review', 'escalated') GROUP BY status, workflow
UNION ALL
SELECT 'overdue', workflow, count(*), min(due_at) FROM cases
WHERE status IN ('review', 'escalated') AND due_at <= :now GROUP BY workflow
UNION ALL
SELECT 'outbox', u.workflow, count(*), min(e.not_before)
FROM unfinished AS u JOIN effects AS e ON e.tenant_id = u.tenant_id AND e.case_id = u.case_id
WHERE u.delivery_intended AND e.done_at IS NULL AND e.not_before <= :now
GROUP BY u.workflow

-- name: clock
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now

-- name: notify
SELECT pg_notify(:channel, '')

-- name: figures
WITH sample AS MATERIALIZED (
    SELECT status, decision, fallback, reused, cost, currency, seconds_shown, ended_at, answered_at, answered_at - accepted_at AS response
    FROM cases WHERE tenant_id = :tenant_id AND workflow = :workflow AND accepted_at >= :since
), percentiles AS (
    -- Nearest rank: the smallest response that at least this share of all responses does not exceed.
    SELECT percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY response) AS responses FROM sample
)
SELECT
    status, decision, currency, responses[1] AS response_p50, responses[2] AS response_p95,
    count(*) AS cases,
    count(response) AS answered,
    count(*) FILTER (WHERE response <= :in_time) AS in_time,
    count(*) FILTER (WHERE fallback AND response IS NOT NULL) AS fallbacks,
    count(*) FILTER (WHERE reused AND response IS NOT NULL) AS reuses,
    coalesce(sum(cost) FILTER (WHERE settled), 0)::bigint AS cost,
    count(cost) FILTER (WHERE settled) AS costed,
    count(*) FILTER (WHERE settled AND cost IS NULL) AS uncosted,
    coalesce(sum(seconds_shown) FILTER (WHERE decision IS NOT NULL), 0)::bigint AS review_seconds,
    count(seconds_shown) FILTER (WHERE decision IS NOT NULL) AS timed_reviews
FROM (SELECT *, ended_at IS NOT NULL OR answered_at IS NOT NULL AS settled FROM sample) AS settled, percentiles
GROUP BY status, decision, currency, responses

-- name: ways
SELECT release_digest, attempts, drafted, fallback, count(*) AS cases FROM cases
WHERE tenant_id = :tenant_id AND workflow = :workflow AND accepted_at >= :since AND answered_at IS NOT NULL
GROUP BY release_digest, attempts, drafted, fallback

-- name: waiting
-- The partial index over waiting cases serves it, however many have ended.
SELECT workflow, status, count(*) AS cases FROM cases
WHERE tenant_id = :tenant_id AND status IN ('review', 'escalated')
GROUP BY workflow, status

-- name: known
SELECT key FROM idempotency_keys WHERE tenant_id = :tenant_id AND workflow = :workflow AND key = ANY(:keys::text[])

-- name: job
-- The partial index over jobs serves it: what is counted is what it costs.
SELECT status, count(*) AS cases FROM cases
WHERE tenant_id = :tenant_id AND job = :job AND job <> '' AND status = ANY(:among::text[])
GROUP BY status

-- name: keep_answer
-- Nothing is kept of a case whose contents were erased meanwhile.
INSERT INTO answers (tenant_id, key, scope, workflow, case_id, number, model, finish_reason, made_at, expires_at)
SELECT tenant_id, :key::bytea, :scope::bytea, :workflow::text, case_id, :number::integer, :model::text, :finish_reason::text,
       :made_at::bigint, :expires_at::bigint
FROM case_keys WHERE tenant_id = :tenant_id AND case_id = :case_id FOR KEY SHARE
ON CONFLICT (tenant_id, key) DO UPDATE SET
    scope = excluded.scope, workflow = excluded.workflow, case_id = excluded.case_id, number = excluded.number,
    model = excluded.model, finish_reason = excluded.finish_reason, made_at = excluded.made_at, expires_at = excluded.expires_at

-- name: drop_answers
-- Those that are too old, and beyond the newest :most.
DELETE FROM answers WHERE tenant_id = :tenant_id AND workflow = :workflow AND (
    expires_at <= :now OR made_at < (
        SELECT made_at FROM answers WHERE tenant_id = :tenant_id AND workflow = :workflow
        ORDER BY made_at DESC LIMIT 1 OFFSET :most - 1
    )
)

-- name: answer
-- An answer that a person rejected or changed is not given again, nor one of a case that ended badly.
SELECT a.*, c.name, c.sealed, k.wrapped
FROM answers AS a
JOIN cases AS s ON s.tenant_id = a.tenant_id AND s.case_id = a.case_id
JOIN case_keys AS k ON k.tenant_id = a.tenant_id AND k.case_id = a.case_id
JOIN contents AS c ON c.tenant_id = a.tenant_id AND c.case_id = a.case_id AND c.name = 'answer.' || a.number
WHERE a.tenant_id = :tenant_id AND a.key = :key AND a.expires_at > :now
  AND s.status NOT IN ('rejected', 'failed', 'stopped') AND (s.decision IS NULL OR s.decision = 'accept')

-- name: meanings
SELECT a.*, c.name, c.sealed, k.wrapped
FROM answers AS a
JOIN cases AS s ON s.tenant_id = a.tenant_id AND s.case_id = a.case_id
JOIN case_keys AS k ON k.tenant_id = a.tenant_id AND k.case_id = a.case_id
JOIN contents AS c ON c.tenant_id = a.tenant_id AND c.case_id = a.case_id AND c.name = 'meaning.' || a.number
WHERE a.tenant_id = :tenant_id AND a.scope = :scope AND a.expires_at > :now
  AND s.status NOT IN ('rejected', 'failed', 'stopped') AND (s.decision IS NULL OR s.decision = 'accept')
ORDER BY a.made_at DESC

-- name: put_files
-- In order, so that two who add the same files never wait for each other.
INSERT INTO files (tenant_id, hash, content)
SELECT * FROM unnest(:tenant_id::text[], :hash::text[], :content::bytea[]) AS f (tenant_id, hash, content)
ORDER BY tenant_id, hash ON CONFLICT DO NOTHING

-- name: insert_release
INSERT INTO releases (tenant_id, digest, workflow, definition, index_id, added_at)
VALUES (:tenant_id, :digest, :workflow, :definition, :index_id, :added_at) ON CONFLICT DO NOTHING RETURNING 1

-- name: insert_release_files
INSERT INTO release_files (tenant_id, digest, path, hash)
SELECT * FROM unnest(:tenant_id::text[], :digest::text[], :path::text[], :hash::text[])

-- name: insert_release_event
INSERT INTO release_events (tenant_id, digest, payload) VALUES (:tenant_id, :digest, :payload)

-- name: releases_by_prefix
SELECT digest, workflow, definition, index_id FROM releases
WHERE tenant_id = :tenant_id AND starts_with(digest, :prefix::text) LIMIT 2

-- name: release_contents
SELECT r.path, r.hash, f.content FROM release_files AS r JOIN files AS f ON f.tenant_id = r.tenant_id AND f.hash = r.hash
WHERE r.tenant_id = :tenant_id AND r.digest = :digest

-- name: mark_activated
UPDATE releases SET activated_at = :at WHERE tenant_id = :tenant_id AND digest = :digest RETURNING workflow

-- name: pointer
SELECT digest FROM pointers WHERE tenant_id = :tenant_id AND workflow = :workflow FOR UPDATE

-- name: move_pointer
INSERT INTO pointers (tenant_id, workflow, digest) VALUES (:tenant_id, :workflow, :digest)
ON CONFLICT (tenant_id, workflow) DO UPDATE SET digest = excluded.digest

-- name: pointers
SELECT tenant_id, workflow, digest FROM pointers

-- name: release_rows
SELECT r.digest, r.workflow, r.added_at, r.activated_at, p.digest IS NOT NULL AS active
FROM releases AS r LEFT JOIN pointers AS p ON p.tenant_id = r.tenant_id AND p.workflow = r.workflow AND p.digest = r.digest
WHERE r.tenant_id = :tenant_id ORDER BY r.id DESC

-- name: people
SELECT person_id, name FROM people WHERE tenant_id = :tenant_id ORDER BY name, person_id

-- name: put_person
INSERT INTO people (tenant_id, person_id, name) VALUES (:tenant_id, :person_id, :name)
ON CONFLICT (tenant_id, person_id) DO UPDATE SET name = excluded.name

-- name: insert_report
INSERT INTO reports (tenant_id, workflow, release_digest, kind, at, body)
VALUES (:tenant_id, :workflow, :release_digest, :kind, :at, :body)

-- name: newest_report
SELECT tenant_id, workflow, release_digest, kind, at, body FROM reports
WHERE tenant_id = :tenant_id AND workflow = :workflow AND kind = :kind AND :release_digest IN ('', release_digest)
ORDER BY at DESC, id DESC LIMIT 1

-- name: insert_stop
INSERT INTO stops (stop_id, tenant_id, scope, subject, reason, stopped_by, stopped_at, proposed_by, proposed_at, token_hash, restarted_by, restarted_at)
VALUES (:stop_id, :tenant_id, :scope, :subject, :reason, :stopped_by, :stopped_at, :proposed_by, :proposed_at, :token_hash, :restarted_by, :restarted_at)
ON CONFLICT DO NOTHING RETURNING stop_id

-- name: move_stop
-- The fence: a proposal that was replaced or used meanwhile moves nothing.
UPDATE stops SET
    proposed_by = :proposed_by, proposed_at = :proposed_at, token_hash = :token_hash, restarted_by = :restarted_by, restarted_at = :restarted_at
WHERE stop_id = :stop_id AND restarted_at IS NULL AND token_hash = :due_to RETURNING stop_id

-- name: stops_in_force
-- The partial index over stops in force serves it, however many are over.
SELECT stop_id, tenant_id, scope, subject, reason, stopped_by, stopped_at, proposed_by, proposed_at, token_hash, restarted_by, restarted_at FROM stops
WHERE restarted_at IS NULL AND (scope <> 'case' OR stopped_at > :since) ORDER BY stopped_at

-- name: newest_stops
SELECT stop_id, tenant_id, scope, subject, reason, stopped_by, stopped_at, proposed_by, proposed_at, token_hash, restarted_by, restarted_at FROM stops
WHERE tenant_id = :tenant_id OR scope = 'all' ORDER BY stopped_at DESC, stop_id DESC LIMIT :most

-- name: stop
SELECT stop_id, tenant_id, scope, subject, reason, stopped_by, stopped_at, proposed_by, proposed_at, token_hash, restarted_by, restarted_at FROM stops WHERE stop_id = :stop_id

-- name: insert_stop_event
INSERT INTO stop_events (tenant_id, stop_id, payload) VALUES (:tenant_id, :stop_id, :payload)

-- name: breakers
SELECT tenant_id, provider, model, base_url, state, until, openings, cause, version FROM breakers

-- name: change_breaker
INSERT INTO breakers (tenant_id, provider, model, base_url, state, until, openings, cause, version)
VALUES (:tenant_id, :provider, :model, :base_url, :state, :until, :openings, :cause, :version)
ON CONFLICT (tenant_id, provider, model, base_url) DO UPDATE SET
    state = excluded.state, until = excluded.until, openings = excluded.openings, cause = excluded.cause,
    version = excluded.version
WHERE breakers.version = excluded.version - 1
RETURNING version

-- name: lock
-- Held to the end of the transaction: schema, months and tenants are made by one process at a time.
SELECT pg_advisory_xact_lock(hashtext('leitstand'), hashtext(:what))

-- name: schema_table
SELECT to_regclass('leitstand_schema') IS NOT NULL AS ours,
       EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')) AS filled

-- name: schema_version
-- What an earlier step does not allow, a later one does not allow again.
SELECT max(version) AS version, max(readable_from) AS readable_from FROM leitstand_schema

-- name: note_version
INSERT INTO leitstand_schema (version, readable_from) VALUES (:version, :readable_from)

-- name: months
-- The names of the partitions that are there.
SELECT c.relname::text AS name FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
WHERE i.inhparent IN ('events'::regclass, 'contents'::regclass)

-- name: workers_left_behind
-- Processes at work that could not go on with a schema.
SELECT address FROM workers
WHERE knows < :readable_from AND heard_at > clock_timestamp() - :lease_seconds::double precision * interval '1 second'

-- name: astray
-- Cases whose row does not stand at the end of their journal.
SELECT case_id FROM cases AS c
WHERE seq IS DISTINCT FROM (SELECT max(seq) FROM events AS e WHERE e.tenant_id = c.tenant_id AND e.case_id = c.case_id)
LIMIT :most

-- name: invalid_indexes
SELECT indexrelid::regclass::text AS name FROM pg_index
WHERE NOT indisvalid AND indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)

-- name: monthless
-- How many events and contents lie in the default partitions: ids of another make, or months that nobody made in time.
SELECT (SELECT count(*) FROM events_default) + (SELECT count(*) FROM contents_default) AS rows

-- name: encoding
SELECT pg_encoding_to_char(encoding) AS name FROM pg_database WHERE datname = current_database()

-- name: backend
SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()

-- name: end_backend
-- A connection that we lost may still be at work over there; a process id alone could be somebody else's by now.
SELECT pg_terminate_backend(pid, 3000) AS ended FROM pg_stat_activity WHERE pid = :pid AND backend_start = :backend_start

-- name: opened_numbers
-- Which of these cases are there, with their first event as it was to be.
SELECT c.case_id, c.number
FROM unnest(:tenant_id::text[], :case_id::text[], :payload::bytea[]) AS q (tenant_id, case_id, payload)
JOIN events AS e ON e.tenant_id = q.tenant_id AND e.case_id = q.case_id AND e.seq = 1 AND e.payload = q.payload
JOIN cases AS c ON c.tenant_id = q.tenant_id AND c.case_id = q.case_id

-- name: appended_cases
-- Which of these events are there, byte by byte.
SELECT q.case_id
FROM unnest(:tenant_id::text[], :case_id::text[], :seq::integer[], :payload::bytea[]) AS q (tenant_id, case_id, seq, payload)
JOIN events AS e ON e.tenant_id = q.tenant_id AND e.case_id = q.case_id AND e.seq = q.seq AND e.payload = q.payload

-- name: budget_accounts
SELECT name, currency, reserved, spent, unpriced FROM budget_accounts
WHERE tenant_id = :tenant_id AND name = ANY(:names::text[]) ORDER BY name, currency

-- name: budget_write
SELECT place, granted, account, percent FROM budget_write(:batch::json) ORDER BY place

-- name: abandoned_budget_reservations
SELECT tenant_id, case_id, attempt, at, lines FROM budget_reservations WHERE at < :before
