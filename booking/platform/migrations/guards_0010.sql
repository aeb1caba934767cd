-- Own cases over changed phones: whoever had a phone has to do with what was asked with it, whatever the phone is now.

-- The phones that an account has and had, as keyed hashes: those before are kept for as long as the account is.
CREATE FUNCTION phones_of(of uuid) RETURNS SETOF bytea LANGUAGE sql STABLE AS $$
    SELECT phone_hash FROM account WHERE id = of AND phone_hash <> ''
    UNION
    SELECT old_hash FROM phone_change WHERE account_id = of AND done_at IS NOT NULL AND old_hash <> ''
$$;

CREATE OR REPLACE FUNCTION is_own(officer uuid, accounts uuid[], people uuid[], phones bytea[])
RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH logins AS (
        SELECT officer AS id
        UNION
        SELECT same.account_id FROM staff_person me JOIN staff_person same USING (person_id) WHERE me.account_id = officer
    ), held AS (
        SELECT DISTINCT phone FROM logins CROSS JOIN phones_of(logins.id) AS phone
    ), mine AS (
        SELECT id FROM logins
        UNION
        SELECT account.id FROM held JOIN account ON account.phone_hash = held.phone
        UNION
        SELECT change.account_id FROM held JOIN phone_change change
            ON change.old_hash = held.phone AND change.done_at IS NOT NULL
    ), near AS (
        SELECT own.person_id FROM mine JOIN household_member own ON own.account_id = mine.id
        UNION
        SELECT own.person_id FROM mine JOIN staff_person own ON own.account_id = mine.id
    )
    SELECT EXISTS (SELECT FROM mine WHERE id = ANY (accounts))
        OR EXISTS (
            SELECT FROM mine CROSS JOIN phones_of(mine.id) AS phone
            WHERE phone = ANY (phones)
               OR phone IN (SELECT theirs FROM unnest(accounts) AS one CROSS JOIN phones_of(one) AS theirs)
        )
        OR EXISTS (
            SELECT FROM near WHERE person_id = ANY (people)
               OR person_id IN (SELECT person_id FROM household_member WHERE account_id = ANY (accounts))
        )
$$;

-- The phones of a helper who asked count too, earlier ones as well.
CREATE OR REPLACE FUNCTION is_own_request(officer uuid, request_id uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT COALESCE(bool_or(is_own(
        officer,
        ARRAY[r.account_id],
        ARRAY(SELECT person_id FROM request_member m WHERE m.request_id = r.id),
        ARRAY[r.phone_hash] || ARRAY(SELECT phones_of(asking_helper(r)))
    )), false) FROM request r WHERE r.id = is_own_request.request_id
$$;
