-- What is written once stays as it was written, whoever tries to change it: nobody can rewrite the past.

-- The audit log, beside the chain of hashes that shows a change made past the database.
CREATE FUNCTION audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed or removed';
END $$;
CREATE TRIGGER audit_entry_rows BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_is_final();
CREATE TRIGGER audit_entry_table BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_final();

-- Labels: what a model was trained on can be read again as of any day.
CREATE FUNCTION label_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'labels are never changed or removed';
END $$;
CREATE TRIGGER label_rows BEFORE UPDATE OR DELETE ON label
    FOR EACH ROW EXECUTE FUNCTION label_is_final();
CREATE TRIGGER label_table BEFORE TRUNCATE ON label
    FOR EACH STATEMENT EXECUTE FUNCTION label_is_final();

-- Corrections of outcomes: a second one is a further row.
CREATE FUNCTION correction_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'corrections are never changed or removed';
END $$;
CREATE TRIGGER correction_rows BEFORE UPDATE OR DELETE ON outcome_correction
    FOR EACH ROW EXECUTE FUNCTION correction_is_final();
CREATE TRIGGER correction_table BEFORE TRUNCATE ON outcome_correction
    FOR EACH STATEMENT EXECUTE FUNCTION correction_is_final();

-- They say whether anybody came, and nothing else: what was cancelled or lapsed stays so.
CREATE FUNCTION correction_is_of_attendance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT kind FROM outcome WHERE appointment_id = NEW.appointment_id) NOT IN ('served', 'no_show') THEN
        RAISE EXCEPTION 'only whether anybody came can be corrected';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER correction_of_attendance BEFORE INSERT ON outcome_correction
    FOR EACH ROW EXECUTE FUNCTION correction_is_of_attendance();

-- Officers' decisions about online cases: a revocation is a further row.
CREATE FUNCTION online_decision_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'decisions about online cases are never changed or removed';
END $$;
CREATE TRIGGER online_decision_rows BEFORE UPDATE OR DELETE ON online_decision
    FOR EACH ROW EXECUTE FUNCTION online_decision_is_final();
CREATE TRIGGER online_decision_table BEFORE TRUNCATE ON online_decision
    FOR EACH STATEMENT EXECUTE FUNCTION online_decision_is_final();

-- The steps by which versions of policy were proposed, activated and rolled back, with their reasons.
CREATE FUNCTION version_step_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'steps of versions are never changed or removed';
END $$;
CREATE TRIGGER version_step_rows BEFORE UPDATE OR DELETE ON version_step
    FOR EACH ROW EXECUTE FUNCTION version_step_is_final();

-- Open data: who took a file yesterday has what is published today.
CREATE FUNCTION refuse_open_data_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is published never changes';
END $$;
CREATE TRIGGER open_data_file_stays BEFORE UPDATE OR DELETE ON open_data_file
    FOR EACH ROW EXECUTE FUNCTION refuse_open_data_change();
