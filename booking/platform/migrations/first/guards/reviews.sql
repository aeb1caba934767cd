-- What officers look at is decided by the right person, once.

-- An appeal is answered by someone other than the first decider, and the answer says by whom and when.
CREATE FUNCTION appeal_is_answered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'open' THEN
        RETURN NEW;
    ELSIF NEW.decided_by IS NULL OR NEW.decided_at IS NULL THEN
        RAISE EXCEPTION 'an answer to an appeal names its officer and time';
    ELSIF NEW.decided_by = (SELECT officer_id FROM verdict WHERE id = NEW.verdict_id) THEN
        RAISE EXCEPTION 'an appeal is answered by someone other than the first decider';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER appeal_answered BEFORE INSERT OR UPDATE ON appeal
    FOR EACH ROW EXECUTE FUNCTION appeal_is_answered();

-- Nor does the first decider give the request another verdict while the appeal is open.
CREATE FUNCTION verdict_is_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM appeal JOIN verdict AS first ON first.id = appeal.verdict_id
        WHERE appeal.request_id = NEW.request_id AND appeal.state = 'open'
        AND first.officer_id = NEW.officer_id
    ) THEN
        RAISE EXCEPTION 'an appeal is answered by someone other than the first decider';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER verdict_by_another BEFORE INSERT ON verdict
    FOR EACH ROW WHEN (NEW.officer_id IS NOT NULL) EXECUTE FUNCTION verdict_is_by_another();

-- A review case is answered once; what was answered, and that it was asked, stays.
CREATE FUNCTION review_case_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'open' THEN
        RAISE EXCEPTION 'a review case that is closed is never changed, and none is removed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_case_rows BEFORE UPDATE OR DELETE ON review_case
    FOR EACH ROW EXECUTE FUNCTION review_case_is_final();

-- A request whose consent was signed on paper gets no place before an officer accepted the paper.
CREATE FUNCTION paper_was_accepted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM consent WHERE request_id = NEW.request_id AND paper_reference IS NOT NULL)
       AND NOT EXISTS (
           SELECT FROM verdict
           WHERE request_id = NEW.request_id AND decision = 'accept' AND officer_id IS NOT NULL
       )
    THEN
        RAISE EXCEPTION 'paper: no officer accepted the signed consent'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER paper_was_accepted BEFORE INSERT ON appointment
    FOR EACH ROW EXECUTE FUNCTION paper_was_accepted();
