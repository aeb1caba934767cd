-- One live request a person and group of services, where a request is for several: uq_request_member_live has the first
-- group of each person, and what is here holds the others to it. Whoever inserts a member holds the person's row (its
-- reference does, before these triggers, whose names come after it); whoever inserts errands, or lets a request with some
-- count again, holds it alone, so that one of two at once sees what the other kept.
CREATE FUNCTION refuse_second_turn() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE unique_violation USING
        MESSAGE = 'duplicate turn violates unique constraint "uq_request_member_live"',
        CONSTRAINT = 'uq_request_member_live';
END $$;

CREATE FUNCTION has_other_turn(request uuid, person uuid, groups varchar[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM request_member m LEFT JOIN request_errand e USING (request_id, person_id)
        WHERE m.person_id = person AND m.request_id <> request AND m.live AND m.proven
            AND (m.exclusive_group = ANY (groups) OR e.exclusive_group = ANY (groups))
    )
$$;

CREATE FUNCTION request_member_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added a JOIN request_errand e ON e.person_id = a.person_id
            AND e.exclusive_group = a.exclusive_group AND e.request_id <> a.request_id
        JOIN request_member m ON m.request_id = e.request_id AND m.person_id = e.person_id
        WHERE a.live AND a.proven AND m.live AND m.proven
    ) THEN
        PERFORM refuse_second_turn();
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER request_member_added AFTER INSERT ON request_member REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION request_member_added();

CREATE FUNCTION request_member_lives() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM request_errand WHERE request_id = NEW.request_id AND person_id = NEW.person_id) THEN
        PERFORM FROM person WHERE id = NEW.person_id FOR UPDATE;
    ELSE
        PERFORM FROM person WHERE id = NEW.person_id FOR KEY SHARE;
    END IF;
    IF has_other_turn(NEW.request_id, NEW.person_id, ARRAY(
        SELECT exclusive_group FROM request_errand WHERE request_id = NEW.request_id AND person_id = NEW.person_id
        UNION SELECT NEW.exclusive_group
    )) THEN
        PERFORM refuse_second_turn();
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER request_member_lives AFTER UPDATE ON request_member FOR EACH ROW
    WHEN (NEW.live AND NEW.proven AND NOT (OLD.live AND OLD.proven)) EXECUTE FUNCTION request_member_lives();

CREATE FUNCTION request_errand_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM request WHERE id = NEW.request_id AND transaction = pg_current_xact_id()::text::bigint) THEN
        RAISE EXCEPTION 'a request is for the services that it was asked for';
    END IF;
    PERFORM FROM person WHERE id = NEW.person_id FOR UPDATE;
    IF EXISTS (
        SELECT FROM request_member
        WHERE request_id = NEW.request_id AND person_id = NEW.person_id AND live AND proven
    ) AND has_other_turn(NEW.request_id, NEW.person_id, ARRAY[NEW.exclusive_group]) THEN
        PERFORM refuse_second_turn();
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER request_errand_added AFTER INSERT ON request_errand
    FOR EACH ROW EXECUTE FUNCTION request_errand_added();

CREATE FUNCTION request_was_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'which transaction wrote a request never changes';
END $$;
CREATE TRIGGER request_was_written BEFORE UPDATE OF transaction ON request FOR EACH ROW
    WHEN (NEW.transaction IS DISTINCT FROM OLD.transaction) EXECUTE FUNCTION request_was_written();

CREATE FUNCTION request_errand_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'position' <> to_jsonb(OLD) - 'position' THEN
        RAISE EXCEPTION 'what somebody comes for ends, and never becomes something else';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER request_errand_stays BEFORE UPDATE ON request_errand
    FOR EACH ROW EXECUTE FUNCTION request_errand_stays();

-- As in migration 0027, and an edit may give services up: another one may be the first then, with its own reason.
CREATE OR REPLACE FUNCTION request_is_edited() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wish text[] := ARRAY['service_id', 'service_count', 'reason_code', 'door', 'party_size', 'units', 'first_day',
    'last_day', 'weekdays', 'bands', 'needed_by', 'accessible', 'nonce', 'receipt'];
    may_change text[] := wish || ARRAY[
        'together', 'must_hold', 'state', 'queue', 'decided_at', 'lost_draws', 'resting_draws'
    ];
    lost integer := OLD.lost_draws + OLD.resting_draws;
BEGIN
    IF NEW.receipt = OLD.receipt THEN
        RAISE EXCEPTION 'a request changes with its receipt alone';
    ELSIF NEW.nonce = OLD.nonce OR NEW.door <> OLD.door OR NEW.party_size > OLD.party_size
        OR NEW.service_count > OLD.service_count
        OR (NEW.service_id = OLD.service_id AND NEW.reason_code IS DISTINCT FROM OLD.reason_code)
        OR to_jsonb(NEW) - may_change IS DISTINCT FROM to_jsonb(OLD) - may_change THEN
        RAISE EXCEPTION 'an edit changes the wish alone, and nobody joins by it';
    ELSIF NEW.service_id <> OLD.service_id AND NOT EXISTS (
        SELECT FROM request_errand WHERE request_id = OLD.id AND service_id = NEW.service_id
    ) THEN
        RAISE EXCEPTION 'an edit asks for no other service';
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
CREATE TRIGGER request_services_edited BEFORE UPDATE ON request FOR EACH ROW WHEN (
    OLD.service_count <> NEW.service_count AND OLD.receipt = NEW.receipt
) EXECUTE FUNCTION request_is_edited();
