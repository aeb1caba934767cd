-- Versioned policy: quotas, limits, rules and models, and the drafts that they come from.

-- How capacity splits into pools, and the limits of everything that a policy bounds.
CREATE TABLE quota_policy (
    version serial CONSTRAINT pk_quota_policy PRIMARY KEY,
    state varchar(24) NOT NULL,
    active boolean NOT NULL,
    bootstrap boolean NOT NULL,
    created_at timestamptz NOT NULL,
    created_by uuid CONSTRAINT fk_quota_policy_created_by REFERENCES account,
    activated_at timestamptz,
    activated_by uuid CONSTRAINT fk_quota_policy_activated_by REFERENCES account,
    shares jsonb NOT NULL,
    overrides jsonb NOT NULL DEFAULT '[]'::jsonb,
    limits jsonb NOT NULL,
    limits_only boolean NOT NULL DEFAULT false,
    CONSTRAINT ck_quota_policy_state_word CHECK (state IN ('draft', 'active', 'retired')),
    CONSTRAINT ck_quota_policy_active_state CHECK (active = (state = 'active')),
    CONSTRAINT ck_quota_policy_activated CHECK (state <> 'active' OR bootstrap OR activated_at IS NOT NULL),
    CONSTRAINT ck_quota_policy_two_people CHECK (
        activated_at IS NULL OR bootstrap OR limits_only
        OR (activated_by IS NOT NULL AND activated_by IS DISTINCT FROM created_by)
    )
);
CREATE UNIQUE INDEX uq_quota_policy_active ON quota_policy ((active)) WHERE active;

-- A quota policy that analysts still write: open → proposed (as a version) or dropped.
CREATE TABLE quota_draft (
    id uuid CONSTRAINT pk_quota_draft PRIMARY KEY,
    title varchar(120) NOT NULL,
    state varchar(24) NOT NULL,
    revision integer NOT NULL,
    based_on integer NOT NULL CONSTRAINT fk_quota_draft_based_on REFERENCES quota_policy,
    shares jsonb NOT NULL,
    overrides jsonb NOT NULL,
    proposed_as integer CONSTRAINT fk_quota_draft_proposed_as REFERENCES quota_policy,
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL CONSTRAINT fk_quota_draft_created_by REFERENCES account,
    changed_at timestamptz NOT NULL,
    changed_by uuid NOT NULL CONSTRAINT fk_quota_draft_changed_by REFERENCES account,
    CONSTRAINT ck_quota_draft_state_word CHECK (state IN ('open', 'proposed', 'dropped')),
    CONSTRAINT ck_quota_draft_proposed_as CHECK ((state = 'proposed') = (proposed_as IS NOT NULL))
);

-- A what-if or a search for better quotas, worked out by a job: asked → running → done, failed or cancelled.
CREATE TABLE quota_trial (
    id uuid CONSTRAINT pk_quota_trial PRIMARY KEY,
    kind varchar(24) NOT NULL,
    state varchar(24) NOT NULL,
    draft_id uuid CONSTRAINT fk_quota_trial_draft_id REFERENCES quota_draft,
    shares jsonb NOT NULL,
    overrides jsonb NOT NULL,
    options jsonb NOT NULL,
    progress smallint NOT NULL,
    result jsonb,
    failure varchar(60),
    asked_at timestamptz NOT NULL,
    asked_by uuid NOT NULL CONSTRAINT fk_quota_trial_asked_by REFERENCES account,
    begun_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT ck_quota_trial_kind_word CHECK (kind IN ('what_if', 'suggestion')),
    CONSTRAINT ck_quota_trial_state_word CHECK (state IN ('asked', 'running', 'done', 'failed', 'cancelled')),
    CONSTRAINT ck_quota_trial_progress CHECK (progress BETWEEN 0 AND 100),
    CONSTRAINT ck_quota_trial_result CHECK ((state = 'done') = (result IS NOT NULL))
);
CREATE INDEX ix_quota_trial_draft ON quota_trial (draft_id, asked_at);
CREATE INDEX ix_quota_trial_unfinished ON quota_trial (asked_at) WHERE state IN ('asked', 'running');

-- Rate limits as their author wrote them; verdicts name them by digest.
CREATE TABLE limit_set_version (
    version serial CONSTRAINT pk_limit_set_version PRIMARY KEY,
    source varchar NOT NULL,
    digest varchar(12) NOT NULL,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    created_by uuid CONSTRAINT fk_limit_set_version_created_by REFERENCES account
);
CREATE UNIQUE INDEX uq_limit_set_version_active ON limit_set_version ((active)) WHERE active;

-- A rule set as its author wrote it.
CREATE TABLE rule_set_version (
    version serial CONSTRAINT pk_rule_set_version PRIMARY KEY,
    state varchar(24) NOT NULL,
    active boolean NOT NULL,
    bootstrap boolean NOT NULL,
    created_at timestamptz NOT NULL,
    created_by uuid CONSTRAINT fk_rule_set_version_created_by REFERENCES account,
    activated_at timestamptz,
    activated_by uuid CONSTRAINT fk_rule_set_version_activated_by REFERENCES account,
    source varchar NOT NULL,
    CONSTRAINT ck_rule_set_version_state_word CHECK (state IN ('draft', 'shadow', 'active', 'retired')),
    CONSTRAINT ck_rule_set_version_active_state CHECK (active = (state = 'active')),
    CONSTRAINT ck_rule_set_version_activated CHECK (state <> 'active' OR bootstrap OR activated_at IS NOT NULL),
    CONSTRAINT ck_rule_set_version_two_people CHECK (
        activated_at IS NULL OR bootstrap
        OR (activated_by IS NOT NULL AND activated_by IS DISTINCT FROM created_by)
    )
);
CREATE UNIQUE INDEX uq_rule_set_version_active ON rule_set_version ((active)) WHERE active;
CREATE UNIQUE INDEX uq_rule_set_version_shadow ON rule_set_version ((state)) WHERE state = 'shadow';

-- A text of rules that analysts work on together, faulty or not, until one of them proposes it as a version.
CREATE TABLE rule_draft (
    id uuid CONSTRAINT pk_rule_draft PRIMARY KEY,
    title varchar(80) NOT NULL,
    source varchar NOT NULL,
    revision integer NOT NULL,
    based_on integer CONSTRAINT fk_rule_draft_based_on REFERENCES rule_set_version,
    proposed_as integer CONSTRAINT fk_rule_draft_proposed_as REFERENCES rule_set_version,
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL CONSTRAINT fk_rule_draft_created_by REFERENCES account,
    saved_at timestamptz NOT NULL,
    saved_by uuid NOT NULL CONSTRAINT fk_rule_draft_saved_by REFERENCES account,
    CONSTRAINT ck_rule_draft_revision CHECK (revision > 0)
);

-- A trained score: the artefact's bytes and its metadata (schema, metrics, thresholds).
CREATE TABLE model_version (
    version serial CONSTRAINT pk_model_version PRIMARY KEY,
    state varchar(24) NOT NULL,
    active boolean NOT NULL,
    bootstrap boolean NOT NULL,
    created_at timestamptz NOT NULL,
    created_by uuid CONSTRAINT fk_model_version_created_by REFERENCES account,
    activated_at timestamptz,
    activated_by uuid CONSTRAINT fk_model_version_activated_by REFERENCES account,
    artifact bytea NOT NULL,
    sha256 varchar(64) NOT NULL,
    details jsonb NOT NULL,
    CONSTRAINT ck_model_version_state_word CHECK (state IN ('draft', 'shadow', 'active', 'retired')),
    CONSTRAINT ck_model_version_active_state CHECK (active = (state = 'active')),
    CONSTRAINT ck_model_version_activated CHECK (state <> 'active' OR bootstrap OR activated_at IS NOT NULL),
    CONSTRAINT ck_model_version_two_people CHECK (
        activated_at IS NULL OR bootstrap
        OR (activated_by IS NOT NULL AND activated_by IS DISTINCT FROM created_by)
    )
);
CREATE UNIQUE INDEX uq_model_version_active ON model_version ((active)) WHERE active;
CREATE UNIQUE INDEX uq_model_version_shadow ON model_version ((state)) WHERE state = 'shadow';

-- A model of who will come to an appointment. It feeds reminders and overbooking; the gate never reads it.
CREATE TABLE no_show_model_version (
    version serial CONSTRAINT pk_no_show_model_version PRIMARY KEY,
    state varchar(24) NOT NULL,
    active boolean NOT NULL,
    bootstrap boolean NOT NULL,
    created_at timestamptz NOT NULL,
    created_by uuid CONSTRAINT fk_no_show_model_version_created_by REFERENCES account,
    activated_at timestamptz,
    activated_by uuid CONSTRAINT fk_no_show_model_version_activated_by REFERENCES account,
    artifact bytea NOT NULL,
    sha256 varchar(64) NOT NULL,
    details jsonb NOT NULL,
    CONSTRAINT ck_no_show_model_version_state_word CHECK (state IN ('draft', 'shadow', 'active', 'retired')),
    CONSTRAINT ck_no_show_model_version_active_state CHECK (active = (state = 'active')),
    CONSTRAINT ck_no_show_model_version_activated CHECK (state <> 'active' OR bootstrap OR activated_at IS NOT NULL),
    CONSTRAINT ck_no_show_model_version_two_people CHECK (
        activated_at IS NULL OR bootstrap
        OR (activated_by IS NOT NULL AND activated_by IS DISTINCT FROM created_by)
    )
);
CREATE UNIQUE INDEX uq_no_show_model_version_active ON no_show_model_version ((active)) WHERE active;
CREATE UNIQUE INDEX uq_no_show_model_version_shadow ON no_show_model_version ((state)) WHERE state = 'shadow';

-- A step of a version's life with its reason, as analysts read it; the audit log holds the same steps.
CREATE TABLE version_step (
    id uuid CONSTRAINT pk_version_step PRIMARY KEY,
    kind varchar(12) NOT NULL,
    version integer NOT NULL,
    step varchar(12) NOT NULL,
    at timestamptz NOT NULL,
    account_id uuid NOT NULL CONSTRAINT fk_version_step_account_id REFERENCES account,
    reason varchar(2000) NOT NULL,
    CONSTRAINT ck_version_step_step_word CHECK (step IN ('proposed', 'shadow', 'retired', 'activated', 'rolled_back'))
);
CREATE INDEX ix_version_step_version ON version_step (kind, version, at);
