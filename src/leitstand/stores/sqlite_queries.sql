-- Every statement that the SQLite store sends, each under its name.

-- name: begin
BEGIN IMMEDIATE

-- name: insert_case
INSERT INTO cases (
    tenant_id, case_id, number, workflow, release_digest, priority, job, status, seq, epoch, owner, touched_at, not_before, accepted_at,
    answered_at, ended_at, due_at, outcome, decision, fallback, cost, currency, seconds_shown, language, output, drafted,
    draft_commitment, delivery_intended, delivery_attempts, interruptions, reasons, done, attempts
) VALUES (
    :tenant_id, :case_id, (SELECT coalesce(max(number), 0) + 1 FROM cases WHERE tenant_id = :tenant_id),
    :workflow, :release_digest, :priority, :job, :status, :seq, :epoch, :owner, :touched_at, :not_before, :accepted_at,
    :answered_at, :ended_at, :due_at, :outcome, :decision, :fallback, :cost, :currency, :seconds_shown, :language, :output, :drafted,
    :draft_commitment, :delivery_intended, :delivery_attempts, :interruptions, :reasons, :done, :attempts
)
RETURNING number

-- name: advance_case
-- The fence: nothing is written unless the row still stands where the writer thinks it does.
UPDATE cases SET
    status = :status, seq = :seq, owner = :owner, crashes = 0, touched_at = :touched_at, not_before = :not_before,
    answered_at = :answered_at, ended_at = :ended_at, due_at = :due_at, outcome = :outcome, decision = :decision,
    fallback = :fallback, cost = :cost, currency = :currency, seconds_shown = :seconds_shown, language = :language, output = :output,
    drafted = :drafted, draft_commitment = :draft_commitment, delivery_intended = :delivery_intended,
    delivery_attempts = :delivery_attempts, interruptions = :interruptions, reasons = :reasons, done = :done, attempts = :attempts,
    reused = :reused
WHERE tenant_id = :tenant_id AND case_id = :case_id AND seq = :due_to AND epoch = :epoch

-- name: insert_event
INSERT INTO events (tenant_id, case_id, seq, payload) VALUES (?, ?, ?, ?)

-- name: insert_content
INSERT INTO contents (tenant_id, case_id, name, salt, sealed) VALUES (?, ?, ?, ?, ?)

-- name: insert_case_key
INSERT INTO case_keys (tenant_id, case_id, wrapped) VALUES (?, ?, ?)

-- name: put_effect
INSERT INTO effects (tenant_id, case_id, number, key, not_before, done_at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (tenant_id, case_id, number) DO UPDATE SET not_before = excluded.not_before, done_at = excluded.done_at
WHERE key = excluded.key

-- name: insert_tenant
INSERT INTO tenants (tenant_id, key_check) VALUES (?, ?) ON CONFLICT DO NOTHING

-- name: tenants
SELECT tenant_id, key_check FROM tenants

-- name: astray
-- Cases whose row does not stand at the end of their journal.
SELECT case_id FROM cases AS c
WHERE seq IS NOT (SELECT max(seq) FROM events AS e WHERE e.tenant_id = c.tenant_id AND e.case_id = c.case_id)
LIMIT :most

-- name: admit
INSERT INTO idempotency_keys (tenant_id, workflow, key, salt, fingerprint, case_id) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING

-- name: admitted
SELECT salt, fingerprint, case_id FROM idempotency_keys WHERE tenant_id = ? AND workflow = ? AND key = ?

-- name: known
SELECT key FROM idempotency_keys
WHERE tenant_id = :tenant_id AND workflow = :workflow AND key IN (SELECT value FROM json_each(:keys))

-- name: events
SELECT payload FROM events WHERE tenant_id = ? AND case_id = ? ORDER BY seq

-- name: contents
SELECT c.name, c.sealed, k.wrapped
FROM contents AS c JOIN case_keys AS k ON k.tenant_id = c.tenant_id AND k.case_id = c.case_id
WHERE c.tenant_id = :tenant_id AND c.case_id = :case_id
  AND (:names = '[]' OR c.name IN (SELECT value FROM json_each(:names)))

-- name: case_key
SELECT wrapped FROM case_keys WHERE tenant_id = ? AND case_id = ?

-- name: case_by_id
SELECT * FROM cases WHERE tenant_id = ? AND case_id = ?

-- name: case_by_number
SELECT * FROM cases WHERE tenant_id = ? AND number = ?

-- name: stands
SELECT 1 FROM cases WHERE tenant_id = ? AND case_id = ? AND seq = ? AND epoch = ?

-- name: release_owned
-- At start: whoever owned cases before is gone, and did not hand them back, for the file has one owner.
UPDATE cases SET owner = NULL, crashes = crashes + (status = 'open') WHERE status IN ('open', 'delivering') AND owner IS NOT NULL

-- name: hand_back
-- At the end: whoever opens the file next may go on.
UPDATE cases SET owner = NULL WHERE status IN ('open', 'delivering') AND owner = :owner

-- name: release_dropped
-- Cases that this process owns, does not run, and has not touched for a while: their task broke down.
UPDATE cases SET owner = NULL
WHERE status IN ('open', 'delivering') AND owner = :owner AND touched_at < :untouched_since
  AND case_id NOT IN (SELECT value FROM json_each(:skip))

-- name: due_cases
SELECT tenant_id, case_id FROM cases
WHERE status IN ('open', 'delivering') AND owner IS NULL AND priority = :priority AND not_before <= :now AND crashes < 2
  AND case_id NOT IN (SELECT value FROM json_each(:skip))
  AND (tenant_id, workflow) NOT IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:full))
ORDER BY not_before, accepted_at
LIMIT :limit

-- name: due_suspects
SELECT tenant_id, case_id FROM cases
WHERE status IN ('open', 'delivering') AND crashes >= 2 AND owner IS NULL AND not_before <= :now
  AND case_id NOT IN (SELECT value FROM json_each(:skip))
  AND (tenant_id, workflow) NOT IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:full))
ORDER BY not_before, accepted_at
LIMIT :limit

-- name: queued
SELECT tenant_id, workflow, count(*) AS cases, min(accepted_at) AS oldest FROM (
    SELECT tenant_id, workflow, accepted_at FROM cases
    WHERE status IN ('open', 'delivering') AND owner IS NULL AND priority = :priority AND not_before <= :now
    ORDER BY not_before, accepted_at LIMIT :most
) GROUP BY tenant_id, workflow

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

-- name: take_over
UPDATE cases SET epoch = epoch + 1, owner = :owner, touched_at = :now
WHERE tenant_id = :tenant_id AND case_id = :case_id
RETURNING epoch, crashes

-- name: figures
WITH sample AS MATERIALIZED (
    SELECT status, decision, fallback, reused, cost, currency, seconds_shown, ended_at, answered_at, answered_at - accepted_at AS response
    FROM cases WHERE tenant_id = :tenant_id AND workflow = :workflow AND accepted_at >= :since
), ranked AS (
    SELECT response, row_number() OVER (ORDER BY response) AS rank FROM sample WHERE response IS NOT NULL
), size AS (
    SELECT count(response) AS size FROM sample
), percentiles AS (
    -- Nearest rank: the smallest response that at least this share of all responses does not exceed.
    SELECT max(CASE WHEN rank = (size * 50 + 99) / 100 THEN response END) AS response_p50,
           max(CASE WHEN rank = (size * 95 + 99) / 100 THEN response END) AS response_p95
    FROM size, ranked WHERE rank IN ((size * 50 + 99) / 100, (size * 95 + 99) / 100)
)
SELECT
    status, decision, currency, response_p50, response_p95,
    count(*) AS cases,
    count(response) AS answered,
    coalesce(sum(response <= :in_time), 0) AS in_time,
    coalesce(sum(fallback AND response IS NOT NULL), 0) AS fallbacks,
    coalesce(sum(reused AND response IS NOT NULL), 0) AS reuses,
    coalesce(sum(cost) FILTER (WHERE settled), 0) AS cost,
    count(cost) FILTER (WHERE settled) AS costed,
    coalesce(sum(settled AND cost IS NULL), 0) AS uncosted,
    coalesce(sum(seconds_shown) FILTER (WHERE decision IS NOT NULL), 0) AS review_seconds,
    count(seconds_shown) FILTER (WHERE decision IS NOT NULL) AS timed_reviews
FROM (SELECT *, ended_at IS NOT NULL OR answered_at IS NOT NULL AS settled FROM sample), percentiles
GROUP BY status, decision, currency

-- name: ways
SELECT release_digest, attempts, drafted, fallback, count(*) AS cases FROM cases
WHERE tenant_id = :tenant_id AND workflow = :workflow AND accepted_at >= :since AND answered_at IS NOT NULL
GROUP BY release_digest, attempts, drafted, fallback

-- name: waiting
-- The partial index over waiting cases serves it, however many have ended.
SELECT workflow, status, count(*) AS cases FROM cases
WHERE tenant_id = :tenant_id AND status IN ('review', 'escalated')
GROUP BY workflow, status

-- name: job
-- One look per status into the partial index over jobs: what is counted is what it costs.
SELECT status, count(*) AS cases FROM cases
WHERE tenant_id = :tenant_id AND job = :job AND job <> '' AND status IN (SELECT value FROM json_each(:among))
GROUP BY status

-- name: keep_answer
-- Nothing is kept of a case whose contents were erased meanwhile.
INSERT INTO answers (tenant_id, key, scope, workflow, case_id, number, model, finish_reason, made_at, expires_at)
SELECT :tenant_id, :key, :scope, :workflow, :case_id, :number, :model, :finish_reason, :made_at, :expires_at
WHERE EXISTS (SELECT 1 FROM case_keys WHERE tenant_id = :tenant_id AND case_id = :case_id)
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

-- name: put_file
INSERT INTO files (tenant_id, hash, content) VALUES (?, ?, ?) ON CONFLICT DO NOTHING

-- name: insert_release
INSERT INTO releases (tenant_id, digest, workflow, definition, index_id, added_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING

-- name: insert_release_file
INSERT INTO release_files (tenant_id, digest, path, hash) VALUES (?, ?, ?, ?)

-- name: insert_release_event
INSERT INTO release_events (tenant_id, digest, payload) VALUES (?, ?, ?)

-- name: releases_by_prefix
SELECT digest, workflow, definition, index_id FROM releases WHERE tenant_id = :tenant_id AND substr(digest, 1, length(:prefix)) = :prefix LIMIT 2

-- name: release_contents
SELECT r.path, r.hash, f.content FROM release_files AS r JOIN files AS f ON f.tenant_id = r.tenant_id AND f.hash = r.hash
WHERE r.tenant_id = ? AND r.digest = ?

-- name: mark_activated
UPDATE releases SET activated_at = :at WHERE tenant_id = :tenant_id AND digest = :digest RETURNING workflow

-- name: pointer
SELECT digest FROM pointers WHERE tenant_id = ? AND workflow = ?

-- name: move_pointer
INSERT INTO pointers (tenant_id, workflow, digest) VALUES (?, ?, ?)
ON CONFLICT (tenant_id, workflow) DO UPDATE SET digest = excluded.digest

-- name: pointers
SELECT tenant_id, workflow, digest FROM pointers

-- name: release_rows
SELECT r.digest, r.workflow, r.added_at, r.activated_at, p.digest IS NOT NULL AS active
FROM releases AS r LEFT JOIN pointers AS p ON p.tenant_id = r.tenant_id AND p.workflow = r.workflow AND p.digest = r.digest
WHERE r.tenant_id = ? ORDER BY r.id DESC

-- name: people
SELECT person_id, name FROM people WHERE tenant_id = ? ORDER BY name, person_id

-- name: put_person
INSERT INTO people (tenant_id, person_id, name) VALUES (?, ?, ?)
ON CONFLICT (tenant_id, person_id) DO UPDATE SET name = excluded.name

-- name: insert_report
INSERT INTO reports (tenant_id, workflow, release_digest, kind, at, body) VALUES (?, ?, ?, ?, ?, ?)

-- name: newest_report
SELECT tenant_id, workflow, release_digest, kind, at, body FROM reports
WHERE tenant_id = :tenant_id AND workflow = :workflow AND kind = :kind AND :release_digest IN ('', release_digest)
ORDER BY at DESC, id DESC LIMIT 1

-- name: insert_stop
INSERT INTO stops (stop_id, tenant_id, scope, subject, reason, stopped_by, stopped_at, proposed_by, proposed_at, token_hash, restarted_by, restarted_at)
VALUES (:stop_id, :tenant_id, :scope, :subject, :reason, :stopped_by, :stopped_at, :proposed_by, :proposed_at, :token_hash, :restarted_by, :restarted_at)
ON CONFLICT DO NOTHING

-- name: move_stop
-- The fence: a proposal that was replaced or used meanwhile moves nothing.
UPDATE stops SET
    proposed_by = :proposed_by, proposed_at = :proposed_at, token_hash = :token_hash, restarted_by = :restarted_by, restarted_at = :restarted_at
WHERE stop_id = :stop_id AND restarted_at IS NULL AND token_hash = :due_to

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
INSERT INTO stop_events (tenant_id, stop_id, payload) VALUES (?, ?, ?)

-- name: budget_account
SELECT name, currency, reserved, spent, unpriced FROM budget_accounts WHERE tenant_id = ? AND name = ? AND currency = ?

-- name: budget_accounts
SELECT name, currency, reserved, spent, unpriced FROM budget_accounts
WHERE tenant_id = :tenant_id AND name IN (SELECT value FROM json_each(:names)) ORDER BY name, currency

-- name: keep_budget_account
INSERT INTO budget_accounts (tenant_id, name, currency, reserved, spent, unpriced) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (tenant_id, name, currency) DO UPDATE SET
    reserved = excluded.reserved, spent = excluded.spent, unpriced = excluded.unpriced

-- name: budget_reservation
SELECT 1 FROM budget_reservations WHERE tenant_id = ? AND case_id = ? AND attempt = ?

-- name: insert_budget_reservation
INSERT INTO budget_reservations (tenant_id, case_id, attempt, at, lines) VALUES (?, ?, ?, ?, ?)

-- name: delete_budget_reservation
DELETE FROM budget_reservations WHERE tenant_id = ? AND case_id = ? AND attempt = ?

-- name: abandoned_budget_reservations
SELECT tenant_id, case_id, attempt, at, lines FROM budget_reservations WHERE at < ?
-- name: breakers
SELECT tenant_id, provider, model, base_url, state, until, openings, cause, version FROM breakers

-- name: change_breaker
INSERT INTO breakers (tenant_id, provider, model, base_url, state, until, openings, cause, version)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (tenant_id, provider, model, base_url) DO UPDATE SET
    state = excluded.state, until = excluded.until, openings = excluded.openings, cause = excluded.cause,
    version = excluded.version
WHERE breakers.version = excluded.version - 1
