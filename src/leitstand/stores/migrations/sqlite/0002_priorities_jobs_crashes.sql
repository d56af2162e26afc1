-- Cases have a priority (0 for what somebody waits for, 1 for a backfill) and may belong to a job of rows from a file.
-- crashes counts, in a row, how often the process died while the case was under way without a step forward.
ALTER TABLE cases ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN job TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN crashes INTEGER NOT NULL DEFAULT 0;

DROP INDEX cases_runnable;
CREATE INDEX cases_runnable ON cases (owner, priority, not_before, accepted_at) WHERE status IN ('open', 'delivering');
CREATE INDEX cases_suspect ON cases (owner, not_before, accepted_at) WHERE status IN ('open', 'delivering') AND crashes >= 2;
CREATE INDEX cases_by_job ON cases (tenant_id, job, status) WHERE job <> '';
