-- The public log: what waits for it, its entries and full tiles, signed checkpoints, and what witnesses said of them.

CREATE TABLE log_pending (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_log_pending PRIMARY KEY,
    kind character varying(24) NOT NULL,
    key character varying(80) NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT uq_log_pending_kind UNIQUE (kind, key),
    CONSTRAINT ck_log_pending_short CHECK (length(body) <= 65535)
);

CREATE TABLE log_entry (
    index bigint CONSTRAINT pk_log_entry PRIMARY KEY,
    kind character varying(24) NOT NULL,
    key character varying(80) NOT NULL,
    body bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT uq_log_entry_kind UNIQUE (kind, key),
    CONSTRAINT ck_log_entry_short CHECK (length(body) <= 65535)
);

CREATE TABLE log_tile (
    level smallint,
    index bigint,
    hashes bytea NOT NULL CONSTRAINT ck_log_tile_full CHECK (length(hashes) = 8192),
    root bytea NOT NULL,
    CONSTRAINT pk_log_tile PRIMARY KEY (level, index)
);

CREATE TABLE log_checkpoint (
    size bigint CONSTRAINT pk_log_checkpoint PRIMARY KEY,
    root bytea NOT NULL,
    note text NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE log_cosignature (
    size bigint CONSTRAINT fk_log_cosignature_size REFERENCES log_checkpoint,
    witness text,
    line text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT pk_log_cosignature PRIMARY KEY (size, witness)
);

CREATE TABLE log_witness (
    witness text CONSTRAINT pk_log_witness PRIMARY KEY,
    seen_size bigint,
    seen_at timestamp with time zone,
    refused_size bigint,
    refused_at timestamp with time zone,
    refusal character varying(300)
);

-- A restored backup is behind what outsiders saw: a row here keeps the log from going on in another way.
CREATE TABLE log_hold (
    since timestamp with time zone CONSTRAINT pk_log_hold PRIMARY KEY
);

CREATE FUNCTION log_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the public log only grows';
END $$;

CREATE TRIGGER log_entry_rows BEFORE UPDATE OR DELETE ON log_entry
    FOR EACH ROW EXECUTE FUNCTION log_is_final();
CREATE TRIGGER log_entry_table BEFORE TRUNCATE ON log_entry
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_final();
CREATE TRIGGER log_tile_rows BEFORE UPDATE OR DELETE ON log_tile
    FOR EACH ROW EXECUTE FUNCTION log_is_final();
CREATE TRIGGER log_tile_table BEFORE TRUNCATE ON log_tile
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_final();
CREATE TRIGGER log_checkpoint_rows BEFORE UPDATE OR DELETE ON log_checkpoint
    FOR EACH ROW EXECUTE FUNCTION log_is_final();
CREATE TRIGGER log_checkpoint_table BEFORE TRUNCATE ON log_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_final();
CREATE TRIGGER log_cosignature_rows BEFORE UPDATE OR DELETE ON log_cosignature
    FOR EACH ROW EXECUTE FUNCTION log_is_final();
CREATE TRIGGER log_cosignature_table BEFORE TRUNCATE ON log_cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_final();
CREATE TRIGGER log_pending_fixed BEFORE UPDATE ON log_pending
    FOR EACH ROW EXECUTE FUNCTION log_is_final();
CREATE TRIGGER log_pending_table BEFORE TRUNCATE ON log_pending
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_final();

-- What waits leaves only into the log.
CREATE FUNCTION log_pending_is_logged() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM log_entry WHERE kind = OLD.kind AND key = OLD.key AND body = OLD.body) THEN
        RAISE EXCEPTION 'what waits for the public log leaves only into it';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER log_pending_rows BEFORE DELETE ON log_pending
    FOR EACH ROW EXECUTE FUNCTION log_pending_is_logged();

-- The same thing said again is said once; a second word on it is refused.
CREATE FUNCTION log_pending_is_new() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    said bytea;
BEGIN
    SELECT body INTO said FROM log_entry WHERE kind = NEW.kind AND key = NEW.key;
    IF said IS NULL THEN
        SELECT body INTO said FROM log_pending WHERE kind = NEW.kind AND key = NEW.key;
    END IF;
    IF said IS NULL THEN
        RETURN NEW;
    ELSIF said = NEW.body THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the public log says something else of this %', NEW.kind
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'log_says_otherwise';
END $$;
CREATE TRIGGER log_pending_new BEFORE INSERT ON log_pending
    FOR EACH ROW EXECUTE FUNCTION log_pending_is_new();

-- Whoever makes a request, its receipt goes to the log in the same transaction: with the owner's right, so that processes of
-- the version before, whose role knows nothing of these tables yet, go on taking requests.
CREATE FUNCTION log_receipt() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO log_pending (kind, key, body) VALUES (
        'receipt',
        encode(NEW.receipt, 'hex'),
        convert_to('{"receipt":"' || encode(NEW.receipt, 'hex') || '","type":"receipt"}', 'UTF8')
    );
    RETURN NULL;
END $$;
CREATE TRIGGER request_receipt AFTER INSERT ON request
    FOR EACH ROW EXECUTE FUNCTION log_receipt();

-- Those who wait already take part in the next draw, too.
INSERT INTO log_pending (kind, key, body)
SELECT 'receipt',
       encode(receipt, 'hex'),
       convert_to('{"receipt":"' || encode(receipt, 'hex') || '","type":"receipt"}', 'UTF8')
FROM request
WHERE state IN ('submitted', 'challenged', 'under_review', 'accepted', 'carried_over')
ORDER BY created_at, id;
