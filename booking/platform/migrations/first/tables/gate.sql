-- What the gate decides about requests, what it learns from, and what people must look at.

-- What the gate, or later an officer, decided about a request, with everything that decided it.
CREATE TABLE verdict (
    id uuid CONSTRAINT pk_verdict PRIMARY KEY,
    request_id uuid NOT NULL CONSTRAINT fk_verdict_request_id REFERENCES request,
    decision varchar(12) NOT NULL,
    reasons jsonb NOT NULL,
    score double precision,
    inputs jsonb NOT NULL,
    versions jsonb NOT NULL,
    degraded boolean NOT NULL,
    contributions jsonb NOT NULL DEFAULT '{}'::jsonb,
    officer_id uuid CONSTRAINT fk_verdict_officer_id REFERENCES account,
    note varchar NOT NULL,
    decided_at timestamptz NOT NULL,
    CONSTRAINT ck_verdict_decision_word CHECK (decision IN ('accept', 'challenge', 'review', 'refuse'))
);
CREATE INDEX ix_verdict_request ON verdict (request_id, decided_at);
CREATE INDEX ix_verdict_day ON verdict (decided_at);

-- A person's objection to a refusal; at most one open at a time for a request.
CREATE TABLE appeal (
    id uuid CONSTRAINT pk_appeal PRIMARY KEY,
    request_id uuid NOT NULL CONSTRAINT fk_appeal_request_id REFERENCES request,
    verdict_id uuid NOT NULL CONSTRAINT fk_appeal_verdict_id REFERENCES verdict,
    words varchar NOT NULL,
    state varchar(24) NOT NULL,
    created_at timestamptz NOT NULL,
    answer_by date NOT NULL,
    escalated_at timestamptz,
    decided_at timestamptz,
    decided_by uuid CONSTRAINT fk_appeal_decided_by REFERENCES account,
    CONSTRAINT ck_appeal_state_word CHECK (state IN ('open', 'upheld', 'rejected'))
);
CREATE UNIQUE INDEX uq_appeal_open ON appeal (request_id) WHERE state = 'open';
CREATE INDEX ix_appeal_open ON appeal (answer_by) WHERE state = 'open';

-- Rules that do not apply to one person, device, phone, account or helper until expires_at.
CREATE TABLE rule_exception (
    id uuid CONSTRAINT pk_rule_exception PRIMARY KEY,
    kind varchar(8) NOT NULL,
    subject bytea NOT NULL,
    rule varchar(60) NOT NULL,
    reason varchar(300) NOT NULL,
    granted_by uuid NOT NULL CONSTRAINT fk_rule_exception_granted_by REFERENCES account,
    granted_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT ck_rule_exception_kind_word CHECK (kind IN ('person', 'device', 'phone', 'account', 'helper')),
    CONSTRAINT ck_rule_exception_some_time CHECK (expires_at > granted_at)
);
CREATE INDEX ix_rule_exception_subject ON rule_exception (subject, expires_at);

-- What became known about a request, and when: the training of a model as of a day reads nothing later.
CREATE TABLE label (
    id uuid CONSTRAINT pk_label PRIMARY KEY,
    request_id uuid NOT NULL CONSTRAINT fk_label_request_id REFERENCES request,
    kind varchar(24) NOT NULL,
    value boolean NOT NULL,
    known_at timestamptz NOT NULL,
    source varchar(24) NOT NULL,
    account_id uuid CONSTRAINT fk_label_account_id REFERENCES account,
    CONSTRAINT ck_label_kind_word CHECK (kind IN ('review', 'appeal', 'attendance', 'reselling'))
);
CREATE INDEX ix_label_request ON label (request_id, known_at);
CREATE INDEX ix_label_known ON label (known_at);

-- What the gate would have decided by a rule set in shadow, and which of its rules fired; it decided nothing.
CREATE TABLE shadow_verdict (
    verdict_id uuid NOT NULL CONSTRAINT fk_shadow_verdict_verdict_id REFERENCES verdict,
    rules_version integer NOT NULL CONSTRAINT fk_shadow_verdict_rules_version REFERENCES rule_set_version,
    decision varchar(12) NOT NULL,
    fired jsonb NOT NULL,
    CONSTRAINT pk_shadow_verdict PRIMARY KEY (verdict_id, rules_version),
    CONSTRAINT ck_shadow_verdict_decision_word CHECK (decision IN ('accept', 'challenge', 'review'))
);

-- What a model in shadow gave the request of a verdict; it decided nothing.
CREATE TABLE shadow_score (
    verdict_id uuid NOT NULL CONSTRAINT fk_shadow_score_verdict_id REFERENCES verdict,
    model_version integer NOT NULL CONSTRAINT fk_shadow_score_model_version REFERENCES model_version,
    score double precision NOT NULL,
    CONSTRAINT pk_shadow_score PRIMARY KEY (verdict_id, model_version)
);

-- A look at stored requests that a job makes for an analyst: a backtest, what a shadow did, a model's state.
CREATE TABLE gate_study (
    id uuid CONSTRAINT pk_gate_study PRIMARY KEY,
    kind varchar(24) NOT NULL,
    state varchar(24) NOT NULL,
    wanted jsonb NOT NULL,
    result jsonb NOT NULL,
    done integer NOT NULL,
    rows integer NOT NULL,
    stop boolean NOT NULL,
    asked_by uuid NOT NULL CONSTRAINT fk_gate_study_asked_by REFERENCES account,
    asked_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT ck_gate_study_kind_word CHECK (kind IN ('backtest', 'shadow', 'model')),
    CONSTRAINT ck_gate_study_state_word CHECK (state IN ('asked', 'running', 'done', 'cancelled', 'failed'))
);
CREATE INDEX ix_gate_study_asked ON gate_study (kind, asked_at);

-- The latest value of one figure about the gate, written by a job and shown with the metrics.
CREATE TABLE gate_measure (
    name varchar(40) NOT NULL,
    subject varchar(60) NOT NULL,
    value double precision NOT NULL,
    measured_at timestamptz NOT NULL,
    CONSTRAINT pk_gate_measure PRIMARY KEY (name, subject)
);

-- The last replay of one day: how many verdicts were repeated and, by fact, how many came out otherwise.
CREATE TABLE replay_run (
    day date CONSTRAINT pk_replay_run PRIMARY KEY,
    finished_at timestamptz NOT NULL,
    repeated integer NOT NULL,
    skipped integer NOT NULL,
    differences jsonb NOT NULL
);

-- One question to an officer, with its evidence and its answer.
CREATE TABLE review_case (
    id uuid CONSTRAINT pk_review_case PRIMARY KEY,
    reference varchar(16) NOT NULL CONSTRAINT uq_review_case_reference UNIQUE,
    kind varchar(24) NOT NULL,
    state varchar(24) NOT NULL,
    subjects uuid[] NOT NULL,
    subject_key varchar(80) NOT NULL,
    evidence jsonb NOT NULL,
    revision integer NOT NULL,
    opened_at timestamptz NOT NULL,
    decision varchar(24),
    officer_id uuid CONSTRAINT fk_review_case_officer_id REFERENCES account,
    note varchar NOT NULL,
    closed_at timestamptz,
    office_id integer CONSTRAINT fk_review_case_office_id REFERENCES office,
    concerns uuid[] NOT NULL DEFAULT '{}',
    CONSTRAINT ck_review_case_state_word CHECK (state IN ('open', 'decided', 'merged')),
    CONSTRAINT ck_review_case_kind_word CHECK (kind IN ('same_person', 'ring', 'approvals', 'evidence', 'linked')),
    CONSTRAINT ck_review_case_decision_word CHECK (
        decision IS NULL
        OR (kind = 'same_person' AND decision IN ('same', 'different'))
        OR (kind = 'ring' AND decision IN ('reselling', 'honest'))
        OR (kind IN ('approvals', 'evidence', 'linked') AND decision IN ('explained', 'follow_up'))
    ),
    CONSTRAINT ck_review_case_decided CHECK (
        (state = 'decided') = (decision IS NOT NULL AND officer_id IS NOT NULL AND note <> '')
    ),
    CONSTRAINT ck_review_case_closed CHECK ((state = 'open') = (closed_at IS NULL)),
    CONSTRAINT ck_review_case_not_by_whom_it_concerns CHECK (officer_id IS NULL OR officer_id <> ALL (concerns))
);
CREATE UNIQUE INDEX uq_review_case_subject ON review_case (kind, subject_key)
    WHERE state = 'open' OR kind = 'same_person';
CREATE INDEX ix_review_case_open ON review_case (opened_at) WHERE state = 'open';
CREATE INDEX ix_review_case_subjects ON review_case USING gin (subjects);
