-- Two people are two persons: whoever has two logins is one of them.

-- Whether two accounts are of one person: the same account, the same number, or the same phone, by which a password is
-- chosen anew, so that whoever holds it holds both.
CREATE FUNCTION same_person(one uuid, other uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT one = other OR EXISTS (
        SELECT FROM account a, account b
        WHERE a.id = one AND b.id = other AND a.phone_hash <> '' AND a.phone_hash = b.phone_hash
    ) OR EXISTS (
        SELECT FROM staff_person a JOIN staff_person b USING (person_id) WHERE a.account_id = one AND b.account_id = other
    )
$$;

CREATE FUNCTION refuse_same_person(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'same person: %', what USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- Versions of policy. A change of limits alone is one person's, at a terminal.
CREATE FUNCTION version_is_by_two_persons() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT COALESCE((to_jsonb(NEW) ->> 'limits_only')::boolean, false)
       AND same_person(NEW.activated_by, NEW.created_by) THEN
        PERFORM refuse_same_person('a version is put in force by somebody other than its author');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rule_set_version_persons BEFORE INSERT OR UPDATE ON rule_set_version
    FOR EACH ROW WHEN (NEW.activated_by IS NOT NULL) EXECUTE FUNCTION version_is_by_two_persons();
CREATE TRIGGER model_version_persons BEFORE INSERT OR UPDATE ON model_version
    FOR EACH ROW WHEN (NEW.activated_by IS NOT NULL) EXECUTE FUNCTION version_is_by_two_persons();
CREATE TRIGGER no_show_model_version_persons BEFORE INSERT OR UPDATE ON no_show_model_version
    FOR EACH ROW WHEN (NEW.activated_by IS NOT NULL) EXECUTE FUNCTION version_is_by_two_persons();
CREATE TRIGGER quota_policy_persons BEFORE INSERT OR UPDATE ON quota_policy
    FOR EACH ROW WHEN (NEW.activated_by IS NOT NULL) EXECUTE FUNCTION version_is_by_two_persons();

-- Appeals: the answer, and any verdict while one is open.
CREATE OR REPLACE FUNCTION appeal_is_answered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'open' THEN
        RETURN NEW;
    ELSIF NEW.decided_by IS NULL OR NEW.decided_at IS NULL THEN
        RAISE EXCEPTION 'an answer to an appeal names its officer and time';
    ELSIF same_person(NEW.decided_by, (SELECT officer_id FROM verdict WHERE id = NEW.verdict_id)) THEN
        RAISE EXCEPTION 'an appeal is answered by someone other than the first decider';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION verdict_is_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM appeal JOIN verdict AS first ON first.id = appeal.verdict_id
        WHERE appeal.request_id = NEW.request_id AND appeal.state = 'open'
        AND same_person(first.officer_id, NEW.officer_id)
    ) THEN
        RAISE EXCEPTION 'an appeal is answered by someone other than the first decider';
    END IF;
    RETURN NEW;
END $$;

-- Urgent requests, and with them every place beyond the pool.
CREATE FUNCTION urgent_second_is_another_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM urgent_decision first
        WHERE first.urgent_request_id = NEW.urgent_request_id AND first.act = 'approval' AND first.position = 1
          AND first.undone_at IS NULL AND same_person(first.officer_id, NEW.officer_id)
    ) THEN
        PERFORM refuse_urgent('the same person approved first');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER urgent_decision_persons BEFORE INSERT ON urgent_decision
    FOR EACH ROW WHEN (NEW.act = 'approval' AND NEW.position = 2) EXECUTE FUNCTION urgent_second_is_another_person();

-- Exceptions from rules: who approves is another one, and nobody of the subject's household.
CREATE FUNCTION exception_is_by_two_persons() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF same_person(NEW.granted_by, NEW.approved_by) THEN
        PERFORM refuse_same_person('an exception is approved by somebody other than who granted it');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rule_exception_persons BEFORE INSERT OR UPDATE ON rule_exception
    FOR EACH ROW WHEN (NEW.approved_by IS NOT NULL) EXECUTE FUNCTION exception_is_by_two_persons();
CREATE TRIGGER rule_exception_approval_own BEFORE INSERT OR UPDATE ON rule_exception
    FOR EACH ROW WHEN (NEW.approved_by IS NOT NULL) EXECUTE FUNCTION refuse_own('approved_by', 'rule_exception');

-- Changes of staff: born as a proposal, decided once, in time, by another person whom the change is not about.
CREATE FUNCTION staff_change_is_by_two_persons() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := ARRAY['state', 'decided_by', 'decided_at', 'wanted', 'account_id'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' THEN
            RAISE EXCEPTION 'a change of staff begins as a proposal';
        END IF;
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' OR OLD.state <> 'proposed' OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free
        OR (OLD.account_id IS NOT NULL AND NEW.account_id IS DISTINCT FROM OLD.account_id)
        OR (NEW.state = 'proposed' AND NEW.wanted IS DISTINCT FROM OLD.wanted) THEN
        RAISE EXCEPTION 'a proposal to change staff stays as it was made, and is decided once';
    ELSIF NEW.state = 'confirmed' AND NEW.decided_at >= NEW.expires_at THEN
        RAISE EXCEPTION 'the proposal is over';
    ELSIF NEW.state = 'confirmed' AND (
        same_person(NEW.decided_by, NEW.proposed_by) OR same_person(NEW.decided_by, NEW.account_id)
    ) THEN
        PERFORM refuse_same_person('a change of staff is confirmed by another administrator');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER staff_change_persons BEFORE INSERT OR UPDATE OR DELETE ON staff_change
    FOR EACH ROW EXECUTE FUNCTION staff_change_is_by_two_persons();

-- Own cases: the officer's own person counts too, whichever login asked for it.
CREATE OR REPLACE FUNCTION is_own(officer uuid, accounts uuid[], people uuid[], phones bytea[])
RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH mine AS (
        SELECT id, phone_hash FROM account WHERE id = officer
        UNION
        SELECT other.id, other.phone_hash FROM account me JOIN account other USING (phone_hash)
        WHERE me.id = officer AND me.phone_hash <> ''
        UNION
        SELECT other.id, other.phone_hash FROM staff_person me JOIN staff_person same USING (person_id)
        JOIN account other ON other.id = same.account_id WHERE me.account_id = officer
    ), near AS (
        SELECT own.person_id FROM mine JOIN household_member own ON own.account_id = mine.id
        UNION
        SELECT own.person_id FROM mine JOIN staff_person own ON own.account_id = mine.id
    )
    SELECT EXISTS (SELECT FROM mine WHERE id = ANY (accounts))
        OR EXISTS (
            SELECT FROM mine WHERE phone_hash <> '' AND (
                phone_hash = ANY (phones)
                OR phone_hash IN (SELECT phone_hash FROM account WHERE id = ANY (accounts))
            )
        )
        OR EXISTS (
            SELECT FROM near WHERE person_id = ANY (people)
               OR person_id IN (SELECT person_id FROM household_member WHERE account_id = ANY (accounts))
        )
$$;
