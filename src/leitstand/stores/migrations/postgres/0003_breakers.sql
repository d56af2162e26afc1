-- How the breakers of models stand: version grows with each change, so that of two processes one comes first.
-- readable from: 1
CREATE TABLE breakers (
    tenant_id  text COLLATE "C" NOT NULL,
    provider   text COLLATE "C" NOT NULL,
    model      text COLLATE "C" NOT NULL,
    base_url   text COLLATE "C" NOT NULL,
    state      text COLLATE "C" NOT NULL,
    until      bigint NOT NULL,
    openings   bigint NOT NULL,
    cause      text COLLATE "C" NOT NULL,
    version    bigint NOT NULL,
    PRIMARY KEY (tenant_id, provider, model, base_url)
);
