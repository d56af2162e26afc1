-- Answers that may be given again. key and scope are digests under a key of the tenant: they tell nothing of what was asked. What
-- was answered lies in the contents of the case that asked, and nowhere else; the row goes with the key of that case.
CREATE TABLE answers (
    tenant_id      TEXT NOT NULL,
    key            BLOB NOT NULL,
    scope          BLOB,
    workflow       TEXT NOT NULL,
    case_id        TEXT NOT NULL,
    number         INTEGER NOT NULL,
    model          TEXT NOT NULL,
    finish_reason  TEXT NOT NULL,
    made_at        INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, key),
    FOREIGN KEY (tenant_id, case_id) REFERENCES case_keys (tenant_id, case_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX answers_by_age ON answers (tenant_id, workflow, made_at);
CREATE INDEX answers_by_scope ON answers (tenant_id, scope, made_at) WHERE scope IS NOT NULL;
CREATE INDEX answers_by_case ON answers (tenant_id, case_id);

-- Whether the draft of a case was such an answer.
ALTER TABLE cases ADD COLUMN reused INTEGER NOT NULL DEFAULT 0;
