-- What became of somebody in a night is said once, in the transaction that makes it so: a process of before nights were given
-- out by chains would say of those who moved that they had left.
CREATE FUNCTION swap_outcome_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what a night brought to somebody never changes';
END $$;
CREATE TRIGGER swap_outcome_final BEFORE UPDATE OF outcome ON swap_entry
    FOR EACH ROW WHEN (OLD.outcome IS NOT NULL AND NEW.outcome IS DISTINCT FROM OLD.outcome)
    EXECUTE FUNCTION swap_outcome_is_final();

-- Draws of format 1 are in no log: whoever could make one of a draw that was announced there would be rid of the log.
CREATE FUNCTION draw_format_only_rises() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a draw never goes back to an earlier format';
END $$;
CREATE TRIGGER draw_format_rises BEFORE UPDATE OF format ON draw
    FOR EACH ROW WHEN (NEW.format < OLD.format)
    EXECUTE FUNCTION draw_format_only_rises();
