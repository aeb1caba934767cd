-- Of what people come for nothing ends by itself: where a row of it goes, or moves up, the request says so too when the
-- transaction commits, with the new receipt that an edit takes (request_is_edited of migration 0045).
CREATE FUNCTION request_errands_fit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked request;
BEGIN
    SELECT * INTO asked FROM request WHERE id = OLD.request_id;
    IF FOUND AND NOT (
        SELECT CASE WHEN asked.service_count = 1 THEN count(*) = 0 ELSE
            sum(e.units) = asked.units
            AND count(DISTINCT e.person_id) = asked.party_size
            AND count(DISTINCT e.service_id) = asked.service_count
            AND count(DISTINCT (e.service_id, e.position)) = asked.service_count
            AND count(DISTINCT e.position) = asked.service_count
            AND max(e.position) = asked.service_count - 1
            AND bool_and(e.position > 0 OR e.service_id = asked.service_id)
        END FROM request_errand e WHERE e.request_id = asked.id
    ) THEN
        RAISE EXCEPTION 'what people come for ends by an edit of the request alone';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER request_errand_gone AFTER DELETE ON request_errand
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION request_errands_fit();
CREATE CONSTRAINT TRIGGER request_errand_moved AFTER UPDATE ON request_errand
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION request_errands_fit();

-- As in migration 0045, and the services that are left close ranks: else one who swaps them breaks the receipt.
CREATE OR REPLACE FUNCTION request_errand_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'position' <> to_jsonb(OLD) - 'position' OR NEW.position > OLD.position THEN
        RAISE EXCEPTION 'what somebody comes for ends, and never becomes something else';
    END IF;
    RETURN NEW;
END $$;
