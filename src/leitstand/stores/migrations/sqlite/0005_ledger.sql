-- What may be spent: accounts add up, and reservations are the calls under way. Amounts are nano-units of the currency.
CREATE TABLE budget_accounts (
    tenant_id  TEXT NOT NULL,
    name       TEXT NOT NULL,
    currency   TEXT NOT NULL,
    reserved   INTEGER NOT NULL,
    spent      INTEGER NOT NULL,
    unpriced   INTEGER NOT NULL,
    PRIMARY KEY (tenant_id, name, currency)
) STRICT, WITHOUT ROWID;

-- lines is JSON: [account, currency, amount or null] for each account that the call takes from.
CREATE TABLE budget_reservations (
    tenant_id  TEXT NOT NULL,
    case_id    TEXT NOT NULL,
    attempt    INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    lines      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, case_id, attempt)
) STRICT, WITHOUT ROWID;
