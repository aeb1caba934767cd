-- The account of the registered helper who asked: with a consent, or in an account of its own; NULL where none did.
CREATE FUNCTION asking_helper(asked request) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT COALESCE(
        (SELECT account_id FROM helper WHERE id = asked.helper_id),
        (SELECT id FROM account WHERE id = asked.account_id AND registered_helper)
    )
$$;

-- As in urgent_guarantee.sql, but a helper is who asked, and not whose account it is.
CREATE OR REPLACE FUNCTION urgent_second_reasons(
    case_id uuid, officer uuid, slot bigint, decided_at timestamptz, beyond_pool boolean
) RETURNS text[] LANGUAGE sql STABLE AS $$
    WITH policy AS (
        SELECT COALESCE((SELECT limits FROM quota_policy WHERE active), '{}'::jsonb) AS limits
    ), demanded AS (
        SELECT jsonb_array_elements_text(
            COALESCE(limits -> 'urgent_second_for', '["over_pool", "relative", "helper", "same_day"]'::jsonb)
        ) AS reason FROM policy
    ), applicant AS (
        SELECT u.request_id, r.account_id, r.phone_hash, a.phone_hash AS account_phone, asking_helper(r) AS helper
        FROM urgent_request u JOIN request r ON r.id = u.request_id JOIN account a ON a.id = r.account_id
        WHERE u.id = case_id
    ), decider AS (  -- every login with the officer's phone is the officer's
        SELECT every.id, me.phone_hash
        FROM account me JOIN account every ON every.id = me.id OR every.phone_hash = me.phone_hash
        WHERE me.id = officer
    ), found AS (
        SELECT 'over_pool' AS reason WHERE beyond_pool
        UNION
        SELECT 'same_day' FROM slot JOIN office ON office.id = slot.office_id
        WHERE slot.id = urgent_second_reasons.slot AND slot.local_day <= (decided_at AT TIME ZONE office.time_zone)::date
        UNION
        SELECT 'relative' FROM applicant, decider
        WHERE decider.id = applicant.account_id
           OR decider.phone_hash IN (applicant.phone_hash, applicant.account_phone)
           OR EXISTS (
               SELECT FROM household_member mine
               WHERE mine.account_id = decider.id AND mine.person_id IN (
                   SELECT person_id FROM request_member WHERE request_id = applicant.request_id
                   UNION ALL
                   SELECT person_id FROM household_member WHERE account_id = applicant.account_id
               )
           )
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
