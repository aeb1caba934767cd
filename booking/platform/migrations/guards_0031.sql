-- What a draw decided about each leaf is written before its result is stated, never changed, and given out to everyone.
CREATE FUNCTION draw_outcome_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a draw decided never changes';
END $$;
CREATE TRIGGER draw_outcome_fixed BEFORE UPDATE ON draw_outcome
    FOR EACH ROW EXECUTE FUNCTION draw_outcome_is_final();

-- Of a million rows none is looked at. No draw closes beside one that has to be given out, so this is of all draws.
CREATE FUNCTION draw_outcome_is_new() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM draw WHERE state = 'closed' AND drawn_at IS NULL) THEN
        RAISE EXCEPTION 'no draw is being decided';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER draw_outcome_new BEFORE INSERT ON draw_outcome
    FOR EACH STATEMENT EXECUTE FUNCTION draw_outcome_is_new();

CREATE FUNCTION draw_is_given_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM draw_outcome WHERE draw_id = NEW.id)
        OR EXISTS (SELECT FROM draw_entry WHERE draw_id = NEW.id AND position IS NULL) THEN
        RAISE EXCEPTION 'a draw is drawn once everyone in it has what it decided';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER draw_given_out BEFORE UPDATE OF state ON draw
    FOR EACH ROW WHEN (NEW.state IN ('drawn', 'published') AND OLD.state NOT IN ('drawn', 'published'))
    EXECUTE FUNCTION draw_is_given_out();

-- As before: places of the urgent pool and its appointments agree. Other pools are told from it before anything is kept
-- to be looked at, which a draw does a million times.
DROP TRIGGER urgent_places ON appointment_places;
CREATE CONSTRAINT TRIGGER urgent_places_new AFTER INSERT ON appointment_places DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.pool = 'urgent') EXECUTE FUNCTION urgent_places_changed();
CREATE CONSTRAINT TRIGGER urgent_places_moved AFTER UPDATE ON appointment_places DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.pool = 'urgent' OR NEW.pool = 'urgent') EXECUTE FUNCTION urgent_places_changed();
CREATE CONSTRAINT TRIGGER urgent_places_gone AFTER DELETE ON appointment_places DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.pool = 'urgent') EXECUTE FUNCTION urgent_places_changed();
