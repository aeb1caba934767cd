-- Edited requests: the wish changes with its receipt alone, the wish before is kept, and nothing is won by it.

-- While a closed draw counts on a request, it stays as that draw froze it; what it was asked with and its turn never change.
CREATE FUNCTION request_is_edited() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wish text[] := ARRAY['service_id', 'door', 'party_size', 'units', 'first_day', 'last_day', 'weekdays', 'bands',
    'needed_by', 'accessible', 'nonce', 'receipt'];
    may_change text[] := wish || ARRAY['together', 'must_hold', 'state', 'decided_at'];
BEGIN
    IF NEW.receipt = OLD.receipt THEN
        RAISE EXCEPTION 'a request changes with its receipt alone';
    ELSIF NEW.nonce = OLD.nonce OR NEW.service_id <> OLD.service_id OR NEW.door <> OLD.door
        OR NEW.party_size > OLD.party_size
        OR to_jsonb(NEW) - may_change IS DISTINCT FROM to_jsonb(OLD) - may_change THEN
        RAISE EXCEPTION 'an edit changes the wish alone, and nobody joins by it';
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
CREATE TRIGGER request_edited BEFORE UPDATE ON request FOR EACH ROW WHEN (
    (OLD.service_id, OLD.door, OLD.party_size, OLD.units, OLD.first_day, OLD.weekdays, OLD.bands, OLD.accessible, OLD.nonce,
     OLD.receipt) <> (NEW.service_id, NEW.door, NEW.party_size, NEW.units, NEW.first_day, NEW.weekdays, NEW.bands,
     NEW.accessible, NEW.nonce, NEW.receipt)
    OR OLD.last_day IS DISTINCT FROM NEW.last_day OR OLD.needed_by IS DISTINCT FROM NEW.needed_by
) EXECUTE FUNCTION request_is_edited();

-- The receipt of the new wish goes where that of the first one went.
CREATE TRIGGER request_receipt_again AFTER UPDATE OF receipt ON request
    FOR EACH ROW WHEN (OLD.receipt <> NEW.receipt) EXECUTE FUNCTION log_receipt();

CREATE FUNCTION request_edit_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a request was before only grows';
END $$;
CREATE TRIGGER request_edit_rows BEFORE UPDATE OR DELETE ON request_edit
    FOR EACH ROW EXECUTE FUNCTION request_edit_is_final();
CREATE TRIGGER request_edit_table BEFORE TRUNCATE ON request_edit
    FOR EACH STATEMENT EXECUTE FUNCTION request_edit_is_final();
