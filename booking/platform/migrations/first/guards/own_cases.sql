-- Nobody decides a case of their own: their own person, household or phone. The code that shows cases to officers asks
-- the same functions.

-- The account of the registered helper who asked: with a consent, or in an account of its own; NULL where none did.
CREATE FUNCTION asking_helper(asked request) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT COALESCE(
        (SELECT account_id FROM helper WHERE id = asked.helper_id),
        (SELECT id FROM account WHERE id = asked.account_id AND registered_helper)
    )
$$;

-- Whether an officer has to do with these accounts, people or phones: every login with the officer's phone is the
-- officer's, and the people of an account are those that it acts for too.
CREATE FUNCTION is_own(officer uuid, accounts uuid[], people uuid[], phones bytea[])
RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH mine AS (
        SELECT id, phone_hash FROM account WHERE id = officer
        UNION
        SELECT other.id, other.phone_hash FROM account me JOIN account other USING (phone_hash)
        WHERE me.id = officer AND me.phone_hash <> ''
    )
    SELECT EXISTS (SELECT FROM mine WHERE id = ANY (accounts))
        OR EXISTS (
            SELECT FROM mine WHERE phone_hash <> '' AND (
                phone_hash = ANY (phones)
                OR phone_hash IN (SELECT phone_hash FROM account WHERE id = ANY (accounts))
            )
        )
        OR EXISTS (
            SELECT FROM mine JOIN household_member own ON own.account_id = mine.id
            WHERE own.person_id = ANY (people)
               OR own.person_id IN (SELECT person_id FROM household_member WHERE account_id = ANY (accounts))
        )
$$;

-- The phone of a helper who asked counts too: what a shop sends is not decided by who runs the shop.
CREATE FUNCTION is_own_request(officer uuid, request_id uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT COALESCE(bool_or(is_own(
        officer,
        ARRAY[r.account_id],
        ARRAY(SELECT person_id FROM request_member m WHERE m.request_id = r.id),
        ARRAY[r.phone_hash, (SELECT phone_hash FROM account WHERE id = asking_helper(r))]
    )), false) FROM request r WHERE r.id = is_own_request.request_id
$$;

CREATE FUNCTION is_own_online_case(officer uuid, case_id uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT COALESCE(bool_or(is_own(officer, ARRAY[c.account_id], ARRAY[c.person_id], '{}')), false)
    FROM online_case c WHERE c.id = is_own_online_case.case_id
$$;

-- Two people: those, and the accounts that are theirs. Accounts of a ring: also whom they asked for. A question about
-- approvals: also the officers whom it concerns.
CREATE FUNCTION is_own_review_case(officer uuid, of_kind text, subjects uuid[], concerns uuid[])
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE of_kind
        WHEN 'same_person' THEN is_own(
            officer,
            ARRAY(SELECT account_id FROM household_member WHERE person_id = ANY (subjects) AND relation = 'self'),
            subjects,
            '{}'
        )
        ELSE is_own(
            officer,
            subjects || concerns,
            ARRAY(
                SELECT m.person_id FROM request r JOIN request_member m ON m.request_id = r.id
                WHERE r.account_id = ANY (subjects)
            ),
            ARRAY(SELECT phone_hash FROM request r WHERE r.account_id = ANY (subjects))
        )
    END
$$;

-- By the keyed hash of a national number, for what is kept of people without an account.
CREATE FUNCTION is_own_number(officer uuid, number_hash bytea) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT is_own(officer, '{}', ARRAY(SELECT id FROM person WHERE national_number_hash = number_hash), '{}')
$$;

-- Refuses the row where it is so. Arguments: the column that names who decides, and what the row is about.
CREATE FUNCTION refuse_own() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    officer CONSTANT uuid := to_jsonb(NEW) ->> TG_ARGV[0];
    own boolean;
BEGIN
    IF officer IS NULL THEN
        RETURN NEW;
    ELSIF TG_ARGV[1] = 'request' THEN
        own := is_own_request(officer, NEW.request_id);
    ELSIF TG_ARGV[1] = 'urgent_request' THEN
        own := is_own_request(officer, (SELECT u.request_id FROM urgent_request u WHERE u.id = NEW.urgent_request_id));
    ELSIF TG_ARGV[1] = 'appointment' THEN
        own := is_own_request(officer, (SELECT a.request_id FROM appointment a WHERE a.id = NEW.appointment_id));
    ELSIF TG_ARGV[1] = 'online_case' THEN
        own := is_own_online_case(officer, NEW.case_id);
    ELSIF TG_ARGV[1] = 'itself' THEN
        own := is_own(officer, ARRAY[NEW.account_id], ARRAY[NEW.person_id], '{}');
    ELSIF TG_ARGV[1] = 'review_case' THEN
        own := is_own_review_case(officer, NEW.kind, NEW.subjects, NEW.concerns);
    ELSIF TG_ARGV[1] = 'rule_exception' THEN
        own := is_own_number(officer, NEW.subject) OR is_own(officer, '{}', '{}', ARRAY[NEW.subject]);
    ELSIF TG_ARGV[1] = 'walk_in' THEN
        own := is_own_number(officer, NEW.person_hash);
    ELSE
        RAISE EXCEPTION 'own: no such subject';
    END IF;
    IF own THEN
        RAISE EXCEPTION 'own: an officer decides no case of their own person, household or phone'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

-- One trigger on every table that names who decides.
CREATE TRIGGER verdict_own BEFORE INSERT ON verdict
    FOR EACH ROW WHEN (NEW.officer_id IS NOT NULL) EXECUTE FUNCTION refuse_own('officer_id', 'request');
CREATE TRIGGER appeal_own BEFORE INSERT OR UPDATE ON appeal
    FOR EACH ROW WHEN (NEW.decided_by IS NOT NULL) EXECUTE FUNCTION refuse_own('decided_by', 'request');
CREATE TRIGGER urgent_decision_own BEFORE INSERT ON urgent_decision
    FOR EACH ROW EXECUTE FUNCTION refuse_own('officer_id', 'urgent_request');
CREATE TRIGGER urgent_request_own BEFORE INSERT OR UPDATE OF assigned_to, request_id ON urgent_request
    FOR EACH ROW WHEN (NEW.assigned_to IS NOT NULL) EXECUTE FUNCTION refuse_own('assigned_to', 'request');
CREATE TRIGGER online_decision_own BEFORE INSERT ON online_decision
    FOR EACH ROW WHEN (NEW.officer_id IS NOT NULL) EXECUTE FUNCTION refuse_own('officer_id', 'online_case');
CREATE TRIGGER online_case_own BEFORE INSERT OR UPDATE OF assigned_to, account_id, person_id ON online_case
    FOR EACH ROW WHEN (NEW.assigned_to IS NOT NULL) EXECUTE FUNCTION refuse_own('assigned_to', 'itself');
CREATE TRIGGER review_case_own BEFORE INSERT OR UPDATE ON review_case
    FOR EACH ROW WHEN (NEW.officer_id IS NOT NULL) EXECUTE FUNCTION refuse_own('officer_id', 'review_case');
CREATE TRIGGER outcome_correction_own BEFORE INSERT ON outcome_correction
    FOR EACH ROW EXECUTE FUNCTION refuse_own('account_id', 'appointment');
CREATE TRIGGER label_own BEFORE INSERT ON label
    FOR EACH ROW WHEN (NEW.account_id IS NOT NULL) EXECUTE FUNCTION refuse_own('account_id', 'request');
CREATE TRIGGER counter_request_own BEFORE INSERT OR UPDATE ON counter_request
    FOR EACH ROW EXECUTE FUNCTION refuse_own('clerk_id', 'request');
CREATE TRIGGER walk_in_own BEFORE INSERT ON walk_in
    FOR EACH ROW EXECUTE FUNCTION refuse_own('account_id', 'walk_in');
CREATE TRIGGER rule_exception_own BEFORE INSERT ON rule_exception
    FOR EACH ROW EXECUTE FUNCTION refuse_own('granted_by', 'rule_exception');
