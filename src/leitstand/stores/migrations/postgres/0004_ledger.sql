-- What may be spent: accounts add up, and reservations are the calls under way. Amounts are nano-units of the currency.
-- readable from: 1
CREATE TABLE budget_accounts (
    tenant_id  text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    currency   text COLLATE "C" NOT NULL,
    reserved   bigint NOT NULL DEFAULT 0,
    spent      bigint NOT NULL DEFAULT 0,
    unpriced   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, name, currency)
) WITH (fillfactor = 50);

-- lines is JSON: {account, currency, amount or null} for each account that the call takes from.
CREATE TABLE budget_reservations (
    tenant_id  text COLLATE "C" NOT NULL,
    case_id    text COLLATE "C" NOT NULL,
    attempt    integer NOT NULL,
    at         bigint NOT NULL,
    lines      json NOT NULL,
    PRIMARY KEY (tenant_id, case_id, attempt)
);

-- Takes a batch of reservations and settlements in their order and returns, for each, the room that there was.
-- Accounts are made and locked in the order of their names before anything is judged, so that two batches never wait for
-- each other. The rules are those of domain/ledger.py. Its commit need not be on the disk: the intent of the call, which is
-- written behind it, takes it along, and a settlement that is lost leaves more reserved than was spent, never less.
CREATE FUNCTION budget_write(batch json) RETURNS TABLE (place integer, granted boolean, account text, percent integer) LANGUAGE plpgsql AS $$
DECLARE
    op json;
    line record;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO budget_accounts (tenant_id, name, currency)
    SELECT DISTINCT o ->> 'tenant_id', l ->> 'account', l ->> 'currency'
    FROM json_array_elements(batch) AS o, json_array_elements(o -> 'lines') AS l
    ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING;
    PERFORM 1 FROM budget_accounts AS a
    WHERE (a.tenant_id, a.name, a.currency) IN (
        SELECT o ->> 'tenant_id', l ->> 'account', l ->> 'currency'
        FROM json_array_elements(batch) AS o, json_array_elements(o -> 'lines') AS l
    )
    ORDER BY a.tenant_id, a.name, a.currency FOR UPDATE;
    place := 0;
    FOR op IN SELECT value FROM json_array_elements(batch) LOOP
        granted := true;
        account := '';
        percent := 0;
        IF (op ->> 'settles')::boolean THEN
            DELETE FROM budget_reservations AS r
            WHERE r.tenant_id = op ->> 'tenant_id' AND r.case_id = op ->> 'case_id' AND r.attempt = (op ->> 'attempt')::integer;
            IF FOUND THEN
                UPDATE budget_accounts AS a SET
                    reserved = a.reserved - coalesce(l.amount, 0),
                    spent = a.spent + coalesce(l.cost, l.amount, 0),
                    unpriced = a.unpriced - (l.amount IS NULL AND l.cost IS NOT NULL)::integer
                FROM json_to_recordset(op -> 'lines') AS l (account text, currency text, amount bigint, cost bigint)
                WHERE a.tenant_id = op ->> 'tenant_id' AND a.name = l.account AND a.currency = l.currency;
            END IF;
        ELSIF NOT EXISTS (
            SELECT FROM budget_reservations AS r
            WHERE r.tenant_id = op ->> 'tenant_id' AND r.case_id = op ->> 'case_id' AND r.attempt = (op ->> 'attempt')::integer
        ) THEN
            SELECT l.account, (a.reserved + a.spent) * 100 / greatest(l.most, 1) AS percent INTO line
            FROM json_to_recordset(op -> 'lines') AS l (account text, currency text, amount bigint, most bigint)
            JOIN budget_accounts AS a ON a.tenant_id = op ->> 'tenant_id' AND a.name = l.account AND a.currency = l.currency
            WHERE a.reserved + a.spent + l.amount > l.most AND NOT (a.reserved = 0 AND a.spent < l.most)
            LIMIT 1;
            granted := NOT FOUND;
            IF granted THEN
                UPDATE budget_accounts AS a SET
                    reserved = a.reserved + coalesce(l.amount, 0), unpriced = a.unpriced + (l.amount IS NULL)::integer
                FROM json_to_recordset(op -> 'lines') AS l (account text, currency text, amount bigint)
                WHERE a.tenant_id = op ->> 'tenant_id' AND a.name = l.account AND a.currency = l.currency;
                INSERT INTO budget_reservations (tenant_id, case_id, attempt, at, lines)
                VALUES (
                    op ->> 'tenant_id', op ->> 'case_id', (op ->> 'attempt')::integer, (op ->> 'at')::bigint, op -> 'lines'
                );
                SELECT l.account, (a.reserved + a.spent) * 100 / greatest(l.most, 1) AS percent INTO line
                FROM json_to_recordset(op -> 'lines') AS l (account text, currency text, most bigint)
                JOIN budget_accounts AS a ON a.tenant_id = op ->> 'tenant_id' AND a.name = l.account AND a.currency = l.currency
                WHERE l.most IS NOT NULL ORDER BY 2 DESC LIMIT 1;
            END IF;
            IF line IS NOT NULL THEN
                account := line.account;
                percent := line.percent;
            END IF;
        END IF;
        RETURN NEXT;
        place := place + 1;
    END LOOP;
END
$$;
