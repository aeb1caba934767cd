-- Who names what stays needs no lock on it, and all rows of a statement are looked at together: requests, appointments,
-- slots and offices stay for good, as accounts and draws do since migration 0048. A draw names them a million times.

CREATE TRIGGER request_stays AFTER DELETE OR UPDATE OF id ON request
    FOR EACH ROW EXECUTE FUNCTION stays_for_good();
CREATE TRIGGER appointment_stays AFTER DELETE OR UPDATE OF id ON appointment
    FOR EACH ROW EXECUTE FUNCTION stays_for_good();
CREATE TRIGGER slot_stays AFTER DELETE OR UPDATE OF id ON slot
    FOR EACH ROW EXECUTE FUNCTION stays_for_good();
CREATE TRIGGER office_stays AFTER DELETE OR UPDATE OF id ON office
    FOR EACH ROW EXECUTE FUNCTION stays_for_good();

CREATE FUNCTION names_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM fresh WHERE NOT EXISTS (SELECT FROM request WHERE id = fresh.request_id OFFSET 0)) THEN
        RAISE foreign_key_violation USING MESSAGE = TG_TABLE_NAME || ': there is no such request';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER names_request AFTER INSERT ON draw_entry REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION names_request();
CREATE TRIGGER names_request AFTER INSERT ON draw_turn REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION names_request();
CREATE TRIGGER keeps_request AFTER UPDATE OF request_id ON draw_entry
    FOR EACH ROW WHEN (NEW.request_id <> OLD.request_id) EXECUTE FUNCTION stays_for_good();
CREATE TRIGGER keeps_request AFTER UPDATE OF request_id ON draw_turn
    FOR EACH ROW WHEN (NEW.request_id <> OLD.request_id) EXECUTE FUNCTION stays_for_good();

CREATE FUNCTION names_one_draw() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM draw WHERE id = NEW.draw_id) THEN
        RAISE foreign_key_violation USING MESSAGE = TG_TABLE_NAME || ': there is no such draw';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER request_names_draw BEFORE INSERT OR UPDATE OF draw_id ON request
    FOR EACH ROW WHEN (NEW.draw_id IS NOT NULL) EXECUTE FUNCTION names_one_draw();

CREATE FUNCTION appointment_names() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh WHERE NOT EXISTS (SELECT FROM request WHERE id = fresh.request_id OFFSET 0)
            OR NOT EXISTS (SELECT FROM office WHERE id = fresh.office_id OFFSET 0)
            OR draw_id IS NOT NULL AND NOT EXISTS (SELECT FROM draw WHERE id = fresh.draw_id OFFSET 0)
    ) THEN
        RAISE foreign_key_violation USING MESSAGE = 'appointment: there is no such request, office or draw';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER appointment_names AFTER INSERT ON appointment REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION appointment_names();
CREATE TRIGGER appointment_names_draw BEFORE UPDATE OF draw_id ON appointment
    FOR EACH ROW WHEN (NEW.draw_id IS NOT NULL AND NEW.draw_id IS DISTINCT FROM OLD.draw_id)
    EXECUTE FUNCTION names_one_draw();
CREATE TRIGGER appointment_keeps AFTER UPDATE OF request_id ON appointment
    FOR EACH ROW WHEN (NEW.request_id <> OLD.request_id) EXECUTE FUNCTION stays_for_good();

CREATE FUNCTION names_one_office() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM office WHERE id = NEW.office_id) THEN
        RAISE foreign_key_violation USING MESSAGE = TG_TABLE_NAME || ': there is no such office';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER appointment_names_office AFTER UPDATE OF office_id ON appointment
    FOR EACH ROW WHEN (NEW.office_id <> OLD.office_id) EXECUTE FUNCTION names_one_office();

CREATE FUNCTION places_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh WHERE NOT EXISTS (SELECT FROM appointment WHERE id = fresh.appointment_id OFFSET 0)
            OR NOT EXISTS (SELECT FROM slot WHERE id = fresh.slot_id OFFSET 0)
    ) THEN
        RAISE foreign_key_violation USING MESSAGE = 'appointment_places: there is no such appointment or slot';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER places_name AFTER INSERT ON appointment_places REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION places_name();
CREATE TRIGGER places_keep AFTER UPDATE OF appointment_id ON appointment_places
    FOR EACH ROW WHEN (NEW.appointment_id <> OLD.appointment_id) EXECUTE FUNCTION stays_for_good();
CREATE FUNCTION names_one_slot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM slot WHERE id = NEW.slot_id) THEN
        RAISE foreign_key_violation USING MESSAGE = TG_TABLE_NAME || ': there is no such slot';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER places_name_slot AFTER UPDATE OF slot_id ON appointment_places
    FOR EACH ROW WHEN (NEW.slot_id <> OLD.slot_id) EXECUTE FUNCTION names_one_slot();

ALTER TABLE draw_entry DROP CONSTRAINT fk_draw_entry_request_id;
ALTER TABLE draw_turn DROP CONSTRAINT fk_draw_turn_request_id;
ALTER TABLE request DROP CONSTRAINT fk_request_draw_id;
ALTER TABLE appointment DROP CONSTRAINT fk_appointment_request_id;
ALTER TABLE appointment DROP CONSTRAINT fk_appointment_office_id;
ALTER TABLE appointment DROP CONSTRAINT fk_appointment_draw_id;
ALTER TABLE appointment_places DROP CONSTRAINT fk_appointment_places_appointment_id;
ALTER TABLE appointment_places DROP CONSTRAINT fk_appointment_places_slot_id;

-- A record has six keys: it is looked for and locked once for all that a statement gives it. They go with it as before.
CREATE FUNCTION names_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(DISTINCT member_id) FROM fresh) <> (
        SELECT count(*) FROM (
            SELECT FROM household_member WHERE id = ANY (ARRAY(SELECT DISTINCT member_id FROM fresh)) FOR KEY SHARE
        ) AS there
    ) THEN
        RAISE foreign_key_violation USING MESSAGE = TG_TABLE_NAME || ': there is no such record';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER names_member AFTER INSERT ON person_key REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION names_member();
CREATE TRIGGER keeps_member AFTER UPDATE OF member_id ON person_key
    FOR EACH ROW WHEN (NEW.member_id <> OLD.member_id) EXECUTE FUNCTION stays_for_good();
-- A look as of the begin of its transaction would pass by keys that came since, as the cascade of a key did not.
CREATE FUNCTION keys_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
        RAISE foreign_key_violation USING MESSAGE = TG_TABLE_NAME || ': only READ COMMITTED sees all of its keys';
    END IF;
    DELETE FROM person_key WHERE member_id = ANY (ARRAY(SELECT id FROM gone));
    RETURN NULL;
END $$;
CREATE TRIGGER keys_go AFTER DELETE ON household_member REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION keys_go();
CREATE TRIGGER keeps_number AFTER UPDATE OF id ON household_member
    FOR EACH ROW WHEN (NEW.id <> OLD.id) EXECUTE FUNCTION stays_for_good();
ALTER TABLE person_key DROP CONSTRAINT fk_person_key_member_id;
