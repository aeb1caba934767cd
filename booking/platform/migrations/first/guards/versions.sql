-- Policy changes by two people: one proposes a version, another one activates it, and no version changes afterwards.
-- CHECK constraints of the tables say who activated; these triggers say how a version is born and what stays.

-- Rules and models begin as a draft of somebody; only the very first version, made by the system, needs nobody.
CREATE FUNCTION version_is_born() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE others boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', TG_TABLE_NAME) INTO others;
    IF NEW.bootstrap AND others THEN
        RAISE EXCEPTION 'only the very first version needs no second person';
    ELSIF NOT NEW.bootstrap AND NEW.state <> 'draft' THEN
        RAISE EXCEPTION 'a version begins as a draft';
    ELSIF NOT NEW.bootstrap AND NEW.created_by IS NULL THEN
        RAISE EXCEPTION 'a draft is proposed by somebody';
    END IF;
    RETURN NEW;
END $$;

-- All but the state and the activation stays as it was inserted.
CREATE FUNCTION version_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := ARRAY['state', 'active', 'activated_at', 'activated_by'];
BEGIN
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
        RAISE EXCEPTION 'a version is never changed or removed';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER rule_set_version_born BEFORE INSERT ON rule_set_version
    FOR EACH ROW EXECUTE FUNCTION version_is_born();
CREATE TRIGGER rule_set_version_fixed BEFORE UPDATE OR DELETE ON rule_set_version
    FOR EACH ROW EXECUTE FUNCTION version_is_fixed();
CREATE TRIGGER model_version_born BEFORE INSERT ON model_version
    FOR EACH ROW EXECUTE FUNCTION version_is_born();
CREATE TRIGGER model_version_fixed BEFORE UPDATE OR DELETE ON model_version
    FOR EACH ROW EXECUTE FUNCTION version_is_fixed();
CREATE TRIGGER no_show_model_version_born BEFORE INSERT ON no_show_model_version
    FOR EACH ROW EXECUTE FUNCTION version_is_born();
CREATE TRIGGER no_show_model_version_fixed BEFORE UPDATE OR DELETE ON no_show_model_version
    FOR EACH ROW EXECUTE FUNCTION version_is_fixed();

-- Quotas are as rules, but one person may change limits alone at a terminal: the quotas are then the active ones.
CREATE FUNCTION quota_policy_is_born() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.bootstrap THEN
        IF EXISTS (SELECT FROM quota_policy) THEN
            RAISE EXCEPTION 'only the very first version needs no second person';
        END IF;
    ELSIF NEW.state <> 'draft' THEN
        RAISE EXCEPTION 'a version begins as a draft';
    ELSIF NEW.limits_only THEN
        IF NOT EXISTS (
            SELECT FROM quota_policy WHERE active AND shares = NEW.shares AND overrides = NEW.overrides
        ) THEN
            RAISE EXCEPTION 'a change of limits alone keeps the active quotas';
        END IF;
    ELSIF NEW.created_by IS NULL THEN
        RAISE EXCEPTION 'a draft is proposed by somebody';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quota_policy_born BEFORE INSERT ON quota_policy
    FOR EACH ROW EXECUTE FUNCTION quota_policy_is_born();

CREATE FUNCTION quota_policy_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE free text[] := ARRAY['state', 'active', 'activated_at', 'activated_by'];
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.activated_at IS NULL AND NOT OLD.bootstrap THEN
        free := free || ARRAY['limits'];  -- those that hold when it becomes active first
    END IF;
    IF TG_OP = 'DELETE' OR to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
        RAISE EXCEPTION 'a version is never changed or removed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quota_policy_fixed BEFORE UPDATE OR DELETE ON quota_policy
    FOR EACH ROW EXECUTE FUNCTION quota_policy_is_fixed();
