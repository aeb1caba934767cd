-- Observers: born as a proposal, decided once, in time, by another person; afterwards only ended.
CREATE FUNCTION observer_is_by_two_persons() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := ARRAY['state', 'decided_by', 'decided_at', 'ended_by', 'ended_at', 'ended_because'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' THEN
            RAISE EXCEPTION 'an observer begins as a proposal';
        END IF;
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' OR OLD.state NOT IN ('proposed', 'named')
        OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free
        OR (OLD.state = 'named' AND (
            NEW.state <> 'ended' OR NEW.decided_by IS DISTINCT FROM OLD.decided_by
            OR NEW.decided_at IS DISTINCT FROM OLD.decided_at
        ))
        OR (OLD.state = 'proposed' AND NEW.state = 'ended') THEN
        RAISE EXCEPTION 'an observer stays as it was proposed, is decided once and ended once';
    ELSIF NEW.state = 'named' AND NEW.decided_at >= NEW.expires_at THEN
        RAISE EXCEPTION 'the proposal is over';
    ELSIF NEW.state = 'named' AND same_person(NEW.decided_by, NEW.proposed_by) THEN
        PERFORM refuse_same_person('an observer is named by another administrator');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER observer_persons BEFORE INSERT OR UPDATE OR DELETE ON observer
    FOR EACH ROW EXECUTE FUNCTION observer_is_by_two_persons();
