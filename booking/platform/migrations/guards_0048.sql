-- What a statement changed is looked at once, and not row by row: a draw changes thousands of rows by each of its own.

-- What an event tells of its subject: a reference and codes; no name, no number, no time.
CREATE FUNCTION event_subject(about text, row_id uuid, OUT reference text, OUT agency text, OUT data jsonb)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    agency := '';
    IF about = 'request' THEN
        SELECT r.reference, jsonb_build_object('service', s.code) INTO reference, data
        FROM request r JOIN service s ON s.id = r.service_id WHERE r.id = row_id;
    ELSIF about = 'appointment' THEN
        SELECT a.reference, jsonb_build_object('request', r.reference, 'service', s.code, 'office', o.code)
        INTO reference, data
        FROM appointment a JOIN request r ON r.id = a.request_id JOIN service s ON s.id = r.service_id
        JOIN office o ON o.id = a.office_id WHERE a.id = row_id;
    ELSIF about = 'online' THEN
        SELECT c.reference, c.agency_code, jsonb_build_object('service', s.code, 'agency', c.agency_code)
        INTO reference, agency, data
        FROM online_case c JOIN service s ON s.id = c.service_id WHERE c.id = row_id;
    ELSE
        SELECT d.reference, '{}' INTO reference, data FROM draw d WHERE d.id = row_id;
    END IF;
END $$;

-- As note_event of migration 0038: what happens is noted in the transaction in which it happens, whoever changes the row,
-- where a system wants to know; of one subject once a statement. It has its owner's rights: whoever changes a row needs none
-- to these tables. The two states of its rows are compared as sets, which no plan made for a single row makes slow.
CREATE FUNCTION note_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    about text := TG_ARGV[0];
    wanted text[];
    ids uuid[];
    states text[];
    happened text[];
BEGIN
    IF NOT EXISTS (SELECT FROM webhook_subscription WHERE state IN ('active', 'paused')) THEN
        RETURN NULL;
    END IF;
    wanted := ARRAY(
        SELECT kind FROM webhook_subscription, unnest(kinds) AS kind
        WHERE state IN ('active', 'paused') AND starts_with(kind, about || '.')
    );
    IF wanted = '{}' THEN
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        SELECT array_agg(id), array_agg(state) INTO ids, states FROM fresh;
    ELSE
        -- What nobody sent is nobody's business: a draft that is thrown away.
        SELECT array_agg(id), array_agg(state) INTO ids, states FROM (
            SELECT id, state FROM fresh EXCEPT SELECT id, state FROM former
            EXCEPT SELECT id, unnest(ARRAY['withdrawn', 'lapsed']) FROM former WHERE about = 'online' AND state = 'draft'
        ) AS changed;
    END IF;
    happened := states;
    IF about = 'appointment' AND TG_OP = 'UPDATE' THEN
        SELECT ids || array_agg(id), states || array_agg(state), happened || array_agg('moved'::text)
        INTO ids, states, happened FROM (
            SELECT id, state, starts_at, office_id FROM fresh EXCEPT SELECT id, state, starts_at, office_id FROM former
        ) AS changed WHERE state IN ('offered', 'confirmed', 'checked_in') AND id <> ALL (coalesce(ids, '{}'));
    END IF;
    INSERT INTO webhook_event (kind, subject, agency_code, data)
    SELECT about || '.' || what, about || '/' || whose.reference, whose.agency,
           whose.data || jsonb_build_object('reference', whose.reference, 'state', state)
    FROM unnest(ids, states, happened) AS changed (id, state, what), event_subject(about, id) AS whose
    WHERE about || '.' || what = ANY (wanted);
    RETURN NULL;
END $$;

DROP TRIGGER event_of_new ON request;
DROP TRIGGER event_of_state ON request;
DROP TRIGGER event_of_new ON appointment;
DROP TRIGGER event_of_state ON appointment;
DROP TRIGGER event_of_time ON appointment;
DROP TRIGGER event_of_state ON online_case;
DROP TRIGGER event_of_new ON draw;
DROP TRIGGER event_of_state ON draw;
DROP FUNCTION note_event();
CREATE TRIGGER events_of_new AFTER INSERT ON request REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION note_events('request');
CREATE TRIGGER events_of_change AFTER UPDATE ON request REFERENCING NEW TABLE AS fresh OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION note_events('request');
CREATE TRIGGER events_of_new AFTER INSERT ON appointment REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION note_events('appointment');
CREATE TRIGGER events_of_change AFTER UPDATE ON appointment REFERENCING NEW TABLE AS fresh OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION note_events('appointment');
CREATE TRIGGER events_of_change AFTER UPDATE ON online_case REFERENCING NEW TABLE AS fresh OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION note_events('online');
CREATE TRIGGER events_of_new AFTER INSERT ON draw REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION note_events('draw');
CREATE TRIGGER events_of_change AFTER UPDATE ON draw REFERENCING NEW TABLE AS fresh OLD TABLE AS former
    FOR EACH STATEMENT EXECUTE FUNCTION note_events('draw');

-- As before: no appointment of a request by a signed paper that no officer accepted. Few requests have one.
DROP TRIGGER paper_was_accepted ON appointment;
CREATE OR REPLACE FUNCTION paper_was_accepted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh CROSS JOIN LATERAL (
            SELECT request_id FROM consent WHERE request_id = fresh.request_id AND paper_reference IS NOT NULL OFFSET 0
        ) AS signed WHERE NOT EXISTS (
            SELECT FROM verdict
            WHERE request_id = signed.request_id AND decision = 'accept' AND officer_id IS NOT NULL
        )
    ) THEN
        RAISE EXCEPTION 'paper: no officer accepted the signed consent' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER paper_was_accepted AFTER INSERT ON appointment REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION paper_was_accepted();

-- What foreign keys held row by row, by a lock on the row that is named: accounts and draws stay for good, so that whoever
-- names one needs no lock, and all rows of a statement are looked at together.
CREATE FUNCTION stays_for_good() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE foreign_key_violation USING MESSAGE = TG_TABLE_NAME || ': it stays, and its key with it: others name it';
END $$;
CREATE TRIGGER draw_stays AFTER DELETE OR UPDATE OF id ON draw
    FOR EACH ROW EXECUTE FUNCTION stays_for_good();
CREATE TRIGGER account_stays AFTER DELETE OR UPDATE OF id ON account
    FOR EACH ROW EXECUTE FUNCTION stays_for_good();
CREATE TRIGGER draw_entry_stays AFTER UPDATE OF draw_id ON draw_entry
    FOR EACH ROW WHEN (NEW.draw_id <> OLD.draw_id) EXECUTE FUNCTION stays_for_good();
CREATE TRIGGER draw_turn_stays AFTER UPDATE OF draw_id ON draw_turn
    FOR EACH ROW WHEN (NEW.draw_id <> OLD.draw_id) EXECUTE FUNCTION stays_for_good();
CREATE TRIGGER message_stays AFTER UPDATE OF account_id ON message
    FOR EACH ROW WHEN (NEW.account_id <> OLD.account_id) EXECUTE FUNCTION stays_for_good();

CREATE FUNCTION names_draw() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT draw_id FROM fresh EXCEPT SELECT id FROM draw) THEN
        RAISE foreign_key_violation USING MESSAGE = TG_TABLE_NAME || ': there is no such draw';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER names_draw AFTER INSERT ON draw_entry REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION names_draw();
CREATE TRIGGER names_draw AFTER INSERT ON draw_turn REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION names_draw();

CREATE FUNCTION names_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM fresh WHERE NOT EXISTS (SELECT FROM account WHERE id = fresh.account_id OFFSET 0)
    ) THEN
        RAISE foreign_key_violation USING MESSAGE = TG_TABLE_NAME || ': there is no such account';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER names_account AFTER INSERT ON message REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION names_account();

ALTER TABLE draw_entry DROP CONSTRAINT fk_draw_entry_draw_id;
ALTER TABLE draw_turn DROP CONSTRAINT fk_draw_turn_draw_id;
ALTER TABLE message DROP CONSTRAINT fk_message_account_id;
