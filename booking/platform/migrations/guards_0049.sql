-- What became of somebody in a night is said once, in the transaction that makes it so: a process of before nights were given
-- out by chains would say of those who moved that they had left.
CREATE FUNCTION swap_outcome_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a night brought to somebody never changes';
END $$;
CREATE TRIGGER swap_outcome_final BEFORE UPDATE OF outcome ON swap_entry
    FOR EACH ROW WHEN (OLD.outcome IS NOT NULL AND NEW.outcome IS DISTINCT FROM OLD.outcome)
    EXECUTE FUNCTION swap_outcome_is_final();

-- Nor by an entry that goes and comes again: it stays until its night is over.
CREATE FUNCTION swap_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM swap_night WHERE id = OLD.night_id AND state IN ('announced', 'closed')) THEN
        RAISE EXCEPTION 'who takes part in a night stays in it until it is over';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER swap_entry_stays BEFORE DELETE ON swap_entry FOR EACH ROW EXECUTE FUNCTION swap_entry_stays();

-- Draws of format 1 are in no log: whoever could make one of a draw that was announced there would be rid of the log.
CREATE FUNCTION draw_format_only_rises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a draw goes neither back to an earlier format nor to one that there is not';
END $$;
CREATE TRIGGER draw_format_rises BEFORE UPDATE OF format ON draw
    FOR EACH ROW WHEN (NEW.format < OLD.format OR NEW.format > 2)
    EXECUTE FUNCTION draw_format_only_rises();

-- Nor does a new one begin there, which the log never heard of; one of format 3 would get no audit.
CREATE FUNCTION draw_format_1_is_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.format > 2 OR EXISTS (SELECT FROM draw WHERE format > 1) THEN
        RAISE EXCEPTION 'no new draw is of an earlier format, nor of one that there is not';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER draw_format_new BEFORE INSERT ON draw
    FOR EACH ROW WHEN (NEW.format <> 2)
    EXECUTE FUNCTION draw_format_1_is_over();
