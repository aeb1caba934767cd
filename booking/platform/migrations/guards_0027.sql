-- As in migration 0022, and the queue of a request may change: it is computed, and unknown before the row is written.
CREATE OR REPLACE FUNCTION request_is_edited() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wish text[] := ARRAY['service_id', 'door', 'party_size', 'units', 'first_day', 'last_day', 'weekdays', 'bands',
    'needed_by', 'accessible', 'nonce', 'receipt'];
    may_change text[] := wish || ARRAY[
        'together', 'must_hold', 'state', 'queue', 'decided_at', 'lost_draws', 'resting_draws'
    ];
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
