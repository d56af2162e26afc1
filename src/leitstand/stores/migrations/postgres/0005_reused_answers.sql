-- Answers that may be given again. key and scope are digests under a key of the tenant: they tell nothing of what was asked. What
-- was answered lies in the contents of the case that asked, and nowhere else; the row goes with the key of that case.
-- readable from: 1
CREATE TABLE answers (
    tenant_id      text COLLATE "C" NOT NULL,
    key            bytea NOT NULL,
    scope          bytea,
    workflow       text COLLATE "C" NOT NULL,
    case_id        text COLLATE "C" NOT NULL,
    number         integer NOT NULL,
    model          text NOT NULL,
    finish_reason  text NOT NULL,
    made_at        bigint NOT NULL,
    expires_at     bigint NOT NULL,
    PRIMARY KEY (tenant_id, key),
    FOREIGN KEY (tenant_id, case_id) REFERENCES case_keys (tenant_id, case_id) ON DELETE CASCADE
);

CREATE INDEX answers_by_age ON answers (tenant_id, workflow, made_at);
CREATE INDEX answers_by_scope ON answers (tenant_id, scope, made_at) WHERE scope IS NOT NULL;
CREATE INDEX answers_by_case ON answers (tenant_id, case_id);

-- Whether the draft of a case was such an answer.
ALTER TABLE cases ADD COLUMN reused boolean NOT NULL DEFAULT false;
