-- What an edit makes of lost draws, and which receipt replaces which, in the public log.

-- As in the migration that brought edits, and besides: lost draws count or rest, and an edit makes none and loses none.
CREATE OR REPLACE FUNCTION request_is_edited() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wish text[] := ARRAY['service_id', 'door', 'party_size', 'units', 'first_day', 'last_day', 'weekdays', 'bands',
    'needed_by', 'accessible', 'nonce', 'receipt'];
    may_change text[] := wish || ARRAY['together', 'must_hold', 'state', 'decided_at', 'lost_draws', 'resting_draws'];
    lost integer := OLD.lost_draws + OLD.resting_draws;
BEGIN
    IF NEW.receipt = OLD.receipt THEN
        RAISE EXCEPTION 'a request changes with its receipt alone';
    ELSIF NEW.nonce = OLD.nonce OR NEW.service_id <> OLD.service_id OR NEW.door <> OLD.door
        OR NEW.party_size > OLD.party_size
        OR to_jsonb(NEW) - may_change IS DISTINCT FROM to_jsonb(OLD) - may_change THEN
        RAISE EXCEPTION 'an edit changes the wish alone, and nobody joins by it';
    ELSIF NEW.lost_draws + NEW.resting_draws <> lost OR NEW.lost_draws NOT IN (lost, OLD.lasting_draws) THEN
        RAISE EXCEPTION 'an edit lets lost draws rest, or count again, and makes none';
    ELSIF OLD.state NOT IN ('accepted', 'carried_over')
        OR NEW.state NOT IN (OLD.state, 'challenged', 'under_review') THEN
        RAISE EXCEPTION 'a request is edited while it waits for a draw';
    ELSIF EXISTS (SELECT FROM draw WHERE id = OLD.draw_id AND state = 'closed') THEN
        RAISE EXCEPTION 'a closed draw counts on this request';
    ELSIF NOT EXISTS (SELECT FROM request_edit WHERE request_id = OLD.id AND receipt = OLD.receipt) THEN
        RAISE EXCEPTION 'the wish before is kept';
    END IF;
    RETURN NEW;
END $$;

-- The log says which receipt replaces which, and when; it has one word on each, so none is replaced twice. Whoever makes
-- the change, it is said in the same transaction, with the owner's right.
CREATE FUNCTION log_replaced() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    at timestamp;
    old_digits text := encode(OLD.receipt, 'hex');
BEGIN
    SELECT edited_at AT TIME ZONE 'UTC' INTO STRICT at FROM request_edit WHERE request_id = OLD.id AND receipt = OLD.receipt;
    INSERT INTO log_pending (kind, key, body) VALUES (
        'replaced',
        old_digits,
        convert_to(
            '{"at":"' || to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS')
                || CASE WHEN to_char(at, 'US') = '000000' THEN '' ELSE to_char(at, '.US') END
                || '+00:00","by":"' || encode(NEW.receipt, 'hex') || '","receipt":"' || old_digits
                || '","type":"replaced"}',
            'UTF8'
        )
    );
    RETURN NULL;
END $$;
CREATE TRIGGER request_receipt_replaced AFTER UPDATE OF receipt ON request
    FOR EACH ROW WHEN (OLD.receipt <> NEW.receipt) EXECUTE FUNCTION log_replaced();
