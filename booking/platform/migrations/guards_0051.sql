-- A wish of the exchange has a receipt in the public log, as a request has; when it ends, another one takes its place there.

-- The wish in its one spelling, as `booking/scheduling/swaps/wish.py` writes it: whoever makes a row, of whichever version.
CREATE FUNCTION swap_wish_receipt(choices jsonb, nonce bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(convert_to(
        '{"choices":['
            || string_agg(
                '{"bands":[' || (
                    SELECT coalesce(string_agg(band::text, ',' ORDER BY place), '')
                    FROM jsonb_array_elements(one -> 'bands') WITH ORDINALITY AS bands (band, place)
                ) || '],"first":' || (one -> 'first')::text || ',"last":' || (one -> 'last')::text
                    || ',"office":' || (one -> 'office')::text || '}',
                ',' ORDER BY number
            )
            || '],"nonce":"' || encode(nonce, 'hex') || '"}',
        'UTF8'
    ))
    FROM jsonb_array_elements(choices) WITH ORDINALITY AS listed (one, number)
$$;

CREATE FUNCTION swap_wish_is_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.appointment_id <> OLD.appointment_id THEN
        RAISE EXCEPTION 'a wish stays with its appointment';
    ELSIF TG_OP = 'UPDATE' AND NEW.choices = OLD.choices AND OLD.receipt IS NOT NULL THEN
        NEW.nonce := OLD.nonce;
        NEW.receipt := OLD.receipt;
    ELSE
        NEW.nonce := uuid_send(gen_random_uuid());
        NEW.receipt := swap_wish_receipt(NEW.choices, NEW.nonce);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER swap_wish_signed BEFORE INSERT OR UPDATE ON swap_wish
    FOR EACH ROW EXECUTE FUNCTION swap_wish_is_signed();

-- The entry that one receipt takes another's place, in the log's one spelling; ``at`` is in UTC.
CREATE FUNCTION replaced_entry(old_digits text, digits text, at timestamp) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT convert_to(
        '{"at":"' || to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS')
            || CASE WHEN to_char(at, 'US') = '000000' THEN '' ELSE to_char(at, '.US') END
            || '+00:00","by":"' || digits || '","receipt":"' || old_digits || '","type":"replaced"}',
        'UTF8'
    )
$$;

-- As in migration 0022, with that entry.
CREATE OR REPLACE FUNCTION log_replaced() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    at timestamp;
    old_digits text := encode(OLD.receipt, 'hex');
BEGIN
    SELECT edited_at AT TIME ZONE 'UTC' INTO STRICT at FROM request_edit WHERE request_id = OLD.id AND receipt = OLD.receipt;
    INSERT INTO log_pending (kind, key, body)
    VALUES ('replaced', old_digits, replaced_entry(old_digits, encode(NEW.receipt, 'hex'), at));
    RETURN NULL;
END $$;

-- What takes the place of a wish that ended is known to its owner alone: it follows from the wish's nonce.
CREATE FUNCTION log_swap_wish() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    digits text;
    old_digits text;
    at timestamp;
BEGIN
    IF TG_OP = 'DELETE' THEN
        digits := encode(sha256(convert_to('{"ended":"' || encode(OLD.nonce, 'hex') || '"}', 'UTF8')), 'hex');
        -- By the clock of whoever ends it (`booking/scheduling/swaps/wish.py`), where that is told.
        at := coalesce(nullif(current_setting('mawid.ended_at', true), '')::timestamptz, clock_timestamp())
            AT TIME ZONE 'UTC';
    ELSE
        digits := encode(NEW.receipt, 'hex');
        at := NEW.made_at AT TIME ZONE 'UTC';
    END IF;
    IF TG_OP <> 'INSERT' THEN
        old_digits := encode(OLD.receipt, 'hex');
        IF digits = old_digits THEN
            RETURN NULL;
        ELSIF EXISTS (SELECT FROM log_entry WHERE kind = 'replaced' AND key = old_digits) THEN
            -- A backup was restored, and the log had gone on: it has one word on each receipt.
            IF TG_OP = 'DELETE' THEN
                RETURN NULL;
            END IF;
            old_digits := NULL;
        END IF;
    END IF;
    INSERT INTO log_pending (kind, key, body)
    VALUES ('receipt', digits, convert_to('{"receipt":"' || digits || '","type":"receipt"}', 'UTF8'));
    IF old_digits IS NOT NULL THEN
        INSERT INTO log_pending (kind, key, body)
        VALUES ('replaced', old_digits, replaced_entry(old_digits, digits, at));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER swap_wish_logged AFTER INSERT OR UPDATE OR DELETE ON swap_wish
    FOR EACH ROW EXECUTE FUNCTION log_swap_wish();
