-- No place of the urgent pool without the approvals that policy demands, whoever writes the rows.
-- Constraint triggers look at commit; the statements inside a transaction may come in any order.

-- Why a second person must agree, were this officer to approve this place at this time: see docs/urgent.md. Who is a
-- relative is asked as for every other decision; a helper is whoever asked, not whose account the request is in.
CREATE FUNCTION urgent_second_reasons(
    case_id uuid, officer uuid, slot bigint, decided_at timestamptz, beyond_pool boolean
) RETURNS text[] LANGUAGE sql STABLE AS $$
    WITH policy AS (
        SELECT COALESCE((SELECT limits FROM quota_policy WHERE active), '{}'::jsonb) AS limits
    ), demanded AS (
        SELECT jsonb_array_elements_text(
            COALESCE(limits -> 'urgent_second_for', '["over_pool", "relative", "helper", "same_day"]'::jsonb)
        ) AS reason FROM policy
    ), applicant AS (
        SELECT r.id, asking_helper(r) AS helper
        FROM urgent_request u JOIN request r ON r.id = u.request_id
        WHERE u.id = case_id
    ), found AS (
        SELECT 'over_pool' AS reason WHERE beyond_pool
        UNION
        SELECT 'same_day' FROM slot JOIN office ON office.id = slot.office_id
        WHERE slot.id = urgent_second_reasons.slot AND slot.local_day <= (decided_at AT TIME ZONE office.time_zone)::date
        UNION
        SELECT 'relative' FROM applicant WHERE is_own_request(officer, applicant.id)
        UNION
        SELECT 'helper' FROM applicant, policy
        WHERE applicant.helper IS NOT NULL AND (
            SELECT count(*) FROM urgent_decision d JOIN urgent_request other ON other.id = d.urgent_request_id
            JOIN request asked ON asked.id = other.request_id
            WHERE d.officer_id = officer AND d.act = 'approval' AND d.undone_at IS NULL
              AND other.id <> case_id AND asking_helper(asked) = applicant.helper
              AND d.at > urgent_second_reasons.decided_at
                  - make_interval(days => COALESCE((limits ->> 'urgent_helper_days')::int, 30))
        ) >= COALESCE((limits ->> 'urgent_helper_approvals')::int, 3)
    )
    SELECT COALESCE(array_agg(reason ORDER BY reason), '{}') FROM found JOIN demanded USING (reason)
$$;

CREATE FUNCTION refuse_urgent(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'urgent: %', what USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- An approved case stands on its approvals and has its appointment; any other case has no live one.
CREATE FUNCTION check_urgent_case(case_id uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    the_case urgent_request;
    first urgent_decision;
    second urgent_decision;
BEGIN
    SELECT * INTO the_case FROM urgent_request WHERE id = case_id;
    IF the_case.state IS DISTINCT FROM 'approved' THEN
        IF EXISTS (
            SELECT FROM appointment
            WHERE urgent_request_id = case_id AND state IN ('offered', 'confirmed', 'checked_in')
        ) THEN
            PERFORM refuse_urgent('an appointment stands on a case that is not approved');
        END IF;
        RETURN;
    END IF;
    SELECT * INTO first FROM urgent_decision
    WHERE urgent_request_id = case_id AND act = 'approval' AND position = 1 AND undone_at IS NULL;
    SELECT * INTO second FROM urgent_decision
    WHERE urgent_request_id = case_id AND act = 'approval' AND position = 2 AND undone_at IS NULL;
    IF first.id IS NULL THEN
        PERFORM refuse_urgent('nobody approved the case');
    END IF;
    IF second.id IS NULL THEN
        IF urgent_second_reasons(case_id, first.officer_id, first.slot_id, first.at, the_case.over_pool) <> '{}' THEN
            PERFORM refuse_urgent('a second person must approve the case');
        END IF;
    ELSE
        IF second.slot_id <> first.slot_id THEN
            PERFORM refuse_urgent('the second person approved another place');
        END IF;
        IF 'relative' = ANY (
            urgent_second_reasons(case_id, second.officer_id, second.slot_id, second.at, the_case.over_pool)
        ) THEN
            PERFORM refuse_urgent('the second person is of the same household');
        END IF;
    END IF;
    IF NOT EXISTS (SELECT FROM appointment WHERE urgent_request_id = case_id) THEN
        PERFORM refuse_urgent('an approved case has an appointment');
    END IF;
END $$;

-- A live appointment in the urgent pool belongs to an approved case, at the office and on the day that were approved.
CREATE FUNCTION check_urgent_appointment(appointment_id uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    meeting appointment;
    the_case urgent_request;
BEGIN
    SELECT * INTO meeting FROM appointment WHERE id = appointment_id;
    IF meeting.id IS NULL OR meeting.state IN ('lapsed', 'cancelled') OR NOT EXISTS (
        SELECT FROM appointment_places p WHERE p.appointment_id = meeting.id AND p.pool = 'urgent'
    ) THEN
        RETURN;
    END IF;
    SELECT * INTO the_case FROM urgent_request WHERE id = meeting.urgent_request_id;
    IF the_case.id IS NULL OR the_case.request_id <> meeting.request_id OR the_case.state <> 'approved' THEN
        PERFORM refuse_urgent('an appointment in the urgent pool needs an approved case');
    END IF;
    PERFORM check_urgent_case(the_case.id);
    IF EXISTS (
        SELECT FROM appointment_places p
        JOIN slot ON slot.id = p.slot_id
        JOIN urgent_decision first ON first.urgent_request_id = the_case.id AND first.act = 'approval'
             AND first.position = 1 AND first.undone_at IS NULL
        JOIN slot approved ON approved.id = first.slot_id
        WHERE p.appointment_id = meeting.id AND p.pool = 'urgent' AND NOT (
            slot.office_id = meeting.office_id AND slot.office_id = approved.office_id
            AND slot.local_day = approved.local_day AND slot.local_day <= the_case.needed_by
            AND slot.starts_at >= meeting.starts_at AND slot.ends_at <= meeting.ends_at
            AND meeting.starts_at = approved.starts_at
        )
    ) THEN
        PERFORM refuse_urgent('the appointment is not where and when it was approved');
    END IF;
END $$;

-- What is taken of a slot's urgent pool is what its appointments take, and what was added is what over_pool cases take.
CREATE FUNCTION check_urgent_slot(which bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    pool_taken integer;
    pool_over integer;
    held integer;
    held_over integer;
BEGIN
    SELECT COALESCE(sum(taken), 0), COALESCE(sum(overbooked), 0) INTO pool_taken, pool_over
    FROM slot_pool WHERE slot_id = which AND pool = 'urgent';
    SELECT COALESCE(sum(p.places), 0), COALESCE(sum(p.places) FILTER (WHERE u.over_pool), 0) INTO held, held_over
    FROM appointment_places p
    JOIN appointment a ON a.id = p.appointment_id
    LEFT JOIN urgent_request u ON u.id = a.urgent_request_id
    WHERE p.slot_id = which AND p.pool = 'urgent' AND a.state NOT IN ('lapsed', 'cancelled');
    IF pool_taken <> held OR pool_over <> held_over THEN
        PERFORM refuse_urgent('the pool and its appointments do not agree');
    END IF;
END $$;

CREATE FUNCTION urgent_places_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.pool = 'urgent' THEN
        PERFORM check_urgent_slot(OLD.slot_id);
        PERFORM check_urgent_appointment(OLD.appointment_id);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.pool = 'urgent' THEN
        PERFORM check_urgent_slot(NEW.slot_id);
        PERFORM check_urgent_appointment(NEW.appointment_id);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER urgent_places AFTER INSERT OR UPDATE OR DELETE ON appointment_places
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION urgent_places_changed();

CREATE FUNCTION urgent_slot_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.pool = 'urgent' THEN
        PERFORM check_urgent_slot(OLD.slot_id);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.pool = 'urgent' THEN
        PERFORM check_urgent_slot(NEW.slot_id);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER urgent_slot_update AFTER UPDATE ON slot_pool DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.pool = 'urgent' OR NEW.pool = 'urgent') EXECUTE FUNCTION urgent_slot_changed();
CREATE CONSTRAINT TRIGGER urgent_slot_insert AFTER INSERT ON slot_pool DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.pool = 'urgent' AND (NEW.taken <> 0 OR NEW.overbooked <> 0))
    EXECUTE FUNCTION urgent_slot_changed();
CREATE CONSTRAINT TRIGGER urgent_slot_delete AFTER DELETE ON slot_pool DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.pool = 'urgent' AND OLD.taken <> 0) EXECUTE FUNCTION urgent_slot_changed();

-- No single person makes the pool larger than policy has it.
CREATE FUNCTION urgent_pool_outgrown() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- or by a quota policy that becomes active in this very transaction: two people wanted that
    IF NOT EXISTS (SELECT FROM quota_policy WHERE active AND xmin = pg_current_xact_id()::xid) THEN
        PERFORM refuse_urgent('the pool grows only by what a supervisor adds for an approved case');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER urgent_pool_growth BEFORE UPDATE ON slot_pool
    FOR EACH ROW WHEN (NEW.pool = 'urgent' AND NEW.places - NEW.overbooked > OLD.places - OLD.overbooked)
    EXECUTE FUNCTION urgent_pool_outgrown();

CREATE FUNCTION urgent_appointment_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    claim record;
BEGIN
    FOR claim IN SELECT slot_id FROM appointment_places WHERE appointment_id = NEW.id AND pool = 'urgent' LOOP
        PERFORM check_urgent_slot(claim.slot_id);
    END LOOP;
    PERFORM check_urgent_appointment(NEW.id);
    IF NEW.urgent_request_id IS NOT NULL THEN
        PERFORM check_urgent_case(NEW.urgent_request_id);
    END IF;
    RETURN NULL;
END $$;
-- Checking in and serving are no new claim: they are not looked at again by a policy that came later.
CREATE CONSTRAINT TRIGGER urgent_appointment AFTER UPDATE ON appointment DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (
        OLD.urgent_request_id IS DISTINCT FROM NEW.urgent_request_id OR OLD.request_id <> NEW.request_id
        OR OLD.office_id <> NEW.office_id OR OLD.starts_at <> NEW.starts_at OR OLD.ends_at <> NEW.ends_at
        OR (OLD.state IN ('lapsed', 'cancelled')) <> (NEW.state IN ('lapsed', 'cancelled'))
    ) EXECUTE FUNCTION urgent_appointment_changed();
CREATE CONSTRAINT TRIGGER urgent_appointment_new AFTER INSERT ON appointment DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.urgent_request_id IS NOT NULL) EXECUTE FUNCTION urgent_appointment_changed();

CREATE FUNCTION urgent_case_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    claim record;
BEGIN
    PERFORM check_urgent_case(NEW.id);
    FOR claim IN
        SELECT p.slot_id FROM appointment_places p JOIN appointment a ON a.id = p.appointment_id
        WHERE a.urgent_request_id = NEW.id AND p.pool = 'urgent'
    LOOP
        PERFORM check_urgent_slot(claim.slot_id);
    END LOOP;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER urgent_case_new AFTER INSERT ON urgent_request DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.state = 'approved') EXECUTE FUNCTION urgent_case_changed();
CREATE CONSTRAINT TRIGGER urgent_case AFTER UPDATE ON urgent_request DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (
        OLD.state <> NEW.state OR OLD.over_pool <> NEW.over_pool OR OLD.request_id <> NEW.request_id
    ) EXECUTE FUNCTION urgent_case_changed();

-- Decisions are made by officers of the case's office, for others' cases, and stay as they were made.
CREATE FUNCTION urgent_decision_made() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM account
        JOIN urgent_request u ON u.id = NEW.urgent_request_id
        WHERE account.id = NEW.officer_id AND account.office_id = u.office_id AND account.id <> u.account_id
          AND CASE WHEN NEW.position = 2 OR NEW.act = 'revocation' THEN 'supervisor' = ANY (account.roles)
                   ELSE account.roles && ARRAY['officer', 'supervisor']::varchar[] END
    ) THEN
        PERFORM refuse_urgent('this account may not make this decision');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER urgent_decision_by_office BEFORE INSERT ON urgent_decision
    FOR EACH ROW EXECUTE FUNCTION urgent_decision_made();

CREATE FUNCTION urgent_decision_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.undone_at IS NULL THEN
        OLD.undone_at := NEW.undone_at;
        IF OLD IS NOT DISTINCT FROM NEW THEN
            RETURN NEW;
        END IF;
    END IF;
    PERFORM refuse_urgent('decisions are never changed or removed');
    RETURN NULL;
END $$;
CREATE TRIGGER urgent_decision_rows BEFORE UPDATE OR DELETE ON urgent_decision
    FOR EACH ROW EXECUTE FUNCTION urgent_decision_is_final();
CREATE TRIGGER urgent_decision_table BEFORE TRUNCATE ON urgent_decision
    FOR EACH STATEMENT EXECUTE FUNCTION urgent_decision_is_final();

CREATE FUNCTION urgent_decision_undone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM check_urgent_case(NEW.urgent_request_id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER urgent_decision_standing AFTER UPDATE ON urgent_decision DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION urgent_decision_undone();
