-- What happens is noted in the transaction in which it happens, whoever changes the row, where a system wants to know.
-- Noted are a reference, codes and a state: no name, no number, no time. It has its owner's rights: whoever changes a row needs
-- none to these tables, which nobody but the owner has until a migration has given them.
CREATE FUNCTION note_event() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    happened text := TG_ARGV[0] || '.' || COALESCE(TG_ARGV[1], NEW.state);
    about jsonb := '{}';
    agency text := '';
BEGIN
    IF NOT EXISTS (
        SELECT FROM webhook_subscription WHERE state IN ('active', 'paused') AND happened = ANY (kinds)
    ) THEN
        RETURN NULL;
    END IF;
    IF TG_TABLE_NAME = 'request' THEN
        SELECT jsonb_build_object('service', code) INTO about FROM service WHERE id = NEW.service_id;
    ELSIF TG_TABLE_NAME = 'appointment' THEN
        SELECT jsonb_build_object('request', r.reference, 'service', s.code, 'office', o.code) INTO about
        FROM request r JOIN service s ON s.id = r.service_id JOIN office o ON o.id = NEW.office_id
        WHERE r.id = NEW.request_id;
    ELSIF TG_TABLE_NAME = 'online_case' THEN
        agency := NEW.agency_code;
        SELECT jsonb_build_object('service', code, 'agency', agency) INTO about FROM service WHERE id = NEW.service_id;
    END IF;
    INSERT INTO webhook_event (kind, subject, agency_code, data) VALUES (
        happened,
        TG_ARGV[0] || '/' || NEW.reference,
        agency,
        about || jsonb_build_object('reference', NEW.reference, 'state', NEW.state)
    );
    RETURN NULL;
END $$;
CREATE TRIGGER event_of_new AFTER INSERT ON request
    FOR EACH ROW EXECUTE FUNCTION note_event('request');
CREATE TRIGGER event_of_state AFTER UPDATE OF state ON request
    FOR EACH ROW WHEN (NEW.state IS DISTINCT FROM OLD.state) EXECUTE FUNCTION note_event('request');
CREATE TRIGGER event_of_new AFTER INSERT ON appointment
    FOR EACH ROW EXECUTE FUNCTION note_event('appointment');
CREATE TRIGGER event_of_state AFTER UPDATE OF state ON appointment
    FOR EACH ROW WHEN (NEW.state IS DISTINCT FROM OLD.state) EXECUTE FUNCTION note_event('appointment');
CREATE TRIGGER event_of_time AFTER UPDATE OF starts_at, office_id ON appointment
    FOR EACH ROW WHEN (
        (NEW.starts_at, NEW.office_id) IS DISTINCT FROM (OLD.starts_at, OLD.office_id) AND NEW.state = OLD.state
        AND NEW.state IN ('offered', 'confirmed', 'checked_in')
    ) EXECUTE FUNCTION note_event('appointment', 'moved');
-- What nobody sent is nobody's business: a draft that is thrown away.
CREATE TRIGGER event_of_state AFTER UPDATE OF state ON online_case
    FOR EACH ROW WHEN (
        NEW.state IS DISTINCT FROM OLD.state AND NOT (OLD.state = 'draft' AND NEW.state IN ('withdrawn', 'lapsed'))
    ) EXECUTE FUNCTION note_event('online');
CREATE TRIGGER event_of_new AFTER INSERT ON draw
    FOR EACH ROW EXECUTE FUNCTION note_event('draw');
CREATE TRIGGER event_of_state AFTER UPDATE OF state ON draw
    FOR EACH ROW WHEN (NEW.state IS DISTINCT FROM OLD.state) EXECUTE FUNCTION note_event('draw');

-- A subscription is born as a proposal or, of an agency alone, active; what it may hear, and where, never changes.
CREATE FUNCTION webhook_subscription_is_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE fixed text[] := ARRAY['id', 'name', 'url', 'kinds', 'agency_code', 'reason', 'proposed_by', 'proposed_at'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' AND NOT (NEW.state = 'active' AND NEW.agency_code IS NOT NULL) THEN
            RAISE EXCEPTION 'a subscription begins as a proposal';
        END IF;
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' OR OLD.state IN ('refused', 'ended')
        OR (SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(NEW)) WHERE key = ANY (fixed))
            IS DISTINCT FROM
           (SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(OLD)) WHERE key = ANY (fixed))
        OR (OLD.state = 'proposed') <> (NEW.state = 'proposed') AND NEW.state NOT IN ('active', 'refused')
        OR OLD.state <> 'proposed' AND (NEW.decided_by, NEW.decided_at) IS DISTINCT FROM (OLD.decided_by, OLD.decided_at)
    THEN
        RAISE EXCEPTION 'a subscription stays as it was proposed, is decided once and ended once';
    ELSIF OLD.state = 'proposed' AND NEW.state = 'active' THEN
        IF NEW.decided_by IS NULL THEN
            RAISE EXCEPTION 'a subscription is agreed to by somebody';
        ELSIF same_person(NEW.decided_by, NEW.proposed_by) THEN
            PERFORM refuse_same_person('a subscription is agreed to by another administrator');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER webhook_subscription_persons BEFORE INSERT OR UPDATE OR DELETE ON webhook_subscription
    FOR EACH ROW EXECUTE FUNCTION webhook_subscription_is_agreed();
