-- Services that are asked for online: cases, papers, decisions, payments, results.

-- Equality of plain values beside the overlap of periods, for what is valid once at a time.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- A service asked for online, for one person.
CREATE TABLE online_case (
    id uuid CONSTRAINT pk_online_case PRIMARY KEY,
    reference varchar(16) NOT NULL CONSTRAINT uq_online_case_reference UNIQUE,
    account_id uuid NOT NULL CONSTRAINT fk_online_case_account_id REFERENCES account,
    person_id uuid NOT NULL CONSTRAINT fk_online_case_person_id REFERENCES person,
    service_id integer NOT NULL CONSTRAINT fk_online_case_service_id REFERENCES service,
    agency_code varchar(40) NOT NULL,
    residence varchar(12) NOT NULL,
    state varchar(24) NOT NULL,
    answers bytea NOT NULL,
    spec jsonb NOT NULL,
    subject bytea NOT NULL,
    note varchar NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    submitted_at timestamptz,
    due_on date,
    assigned_to uuid CONSTRAINT fk_online_case_assigned_to REFERENCES account,
    assigned_at timestamptz,
    closed_at timestamptz,
    CONSTRAINT ck_online_case_state_word CHECK (
        state IN (
            'awaiting_papers', 'draft', 'awaiting_payment', 'submitted', 'assigned', 'needs_more',
            'approved', 'issued', 'refused', 'revoked', 'expired', 'withdrawn', 'lapsed'
        )
    ),
    CONSTRAINT ck_online_case_draft_is_not_sent CHECK ((submitted_at IS NULL) OR state <> 'draft'),
    CONSTRAINT ck_online_case_assigned CHECK (
        (assigned_to IS NULL) OR state NOT IN ('awaiting_papers', 'draft', 'awaiting_payment', 'submitted')
    )
);
CREATE UNIQUE INDEX uq_online_case_draft ON online_case (account_id, person_id, service_id) WHERE state = 'draft';
CREATE UNIQUE INDEX uq_online_case_running ON online_case (person_id, service_id, subject)
    WHERE state IN ('awaiting_papers', 'awaiting_payment', 'needs_more', 'submitted', 'assigned', 'approved');
CREATE INDEX ix_online_case_queue ON online_case (agency_code, submitted_at)
    WHERE state IN ('submitted', 'assigned', 'approved');
CREATE INDEX ix_online_case_account ON online_case (account_id, created_at);

-- A file attached to a case, as it is kept: images of its pages without metadata, encrypted, in the evidence folder.
CREATE TABLE online_paper (
    id uuid CONSTRAINT pk_online_paper PRIMARY KEY,
    case_id uuid NOT NULL CONSTRAINT fk_online_paper_case_id REFERENCES online_case,
    document_code varchar(60) NOT NULL,
    sha256 bytea NOT NULL,
    media_type varchar(40) NOT NULL,
    size integer NOT NULL,
    pages smallint NOT NULL,
    fingerprints varchar(16)[] NOT NULL,
    uploaded_by uuid NOT NULL CONSTRAINT fk_online_paper_uploaded_by REFERENCES account,
    uploaded_at timestamptz NOT NULL,
    removed_at timestamptz,
    CONSTRAINT ck_online_paper_some CHECK (pages > 0 AND size > 0)
);
CREATE UNIQUE INDEX uq_online_paper_file ON online_paper (case_id, document_code, sha256) WHERE removed_at IS NULL;
CREATE INDEX ix_online_paper_sha256 ON online_paper (sha256);

-- What one officer did, and why; a trigger refuses every change. Without an officer, nobody decided it.
CREATE TABLE online_decision (
    id uuid CONSTRAINT pk_online_decision PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT uq_online_decision_number UNIQUE,
    case_id uuid NOT NULL CONSTRAINT fk_online_decision_case_id REFERENCES online_case,
    officer_id uuid CONSTRAINT fk_online_decision_officer_id REFERENCES account,
    act varchar(24) NOT NULL,
    reason_code varchar(40) NOT NULL,
    note varchar NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT ck_online_decision_act_word CHECK (
        act IN ('approval', 'refusal', 'more_asked', 'issuing', 'revocation')
    ),
    CONSTRAINT ck_online_decision_noted CHECK (officer_id IS NULL OR note <> '' OR act IN ('approval', 'issuing'))
);
CREATE INDEX ix_online_decision_case_id ON online_decision (case_id);
CREATE INDEX ix_online_decision_officer ON online_decision (officer_id, at);

-- The original papers of one case.
CREATE TABLE case_originals (
    case_id uuid CONSTRAINT pk_case_originals PRIMARY KEY CONSTRAINT fk_case_originals_case_id REFERENCES online_case,
    office_id integer NOT NULL CONSTRAINT fk_case_originals_office_id REFERENCES office,
    way varchar(24) NOT NULL,
    state varchar(24) NOT NULL,
    last_day date,
    reminded_at timestamptz,
    arrived_at timestamptz,
    sent_back_at timestamptz,
    tracking varchar(60) NOT NULL,
    CONSTRAINT ck_case_originals_way_word CHECK (way IN ('visit', 'post')),
    CONSTRAINT ck_case_originals_state_word CHECK (state IN ('chosen', 'awaited', 'arrived', 'given_up', 'sent_back')),
    CONSTRAINT ck_case_originals_only_post_moves CHECK (way = 'post' OR state = 'chosen'),
    CONSTRAINT ck_case_originals_last_day CHECK ((last_day IS NULL) = (state = 'chosen')),
    CONSTRAINT ck_case_originals_sent_back CHECK ((sent_back_at IS NULL) = (state <> 'sent_back'))
);
CREATE INDEX ix_case_originals_office ON case_originals (office_id, state);
CREATE INDEX ix_case_originals_last_day ON case_originals (last_day) WHERE state = 'awaited';

-- A payment of one case, in whole units of a currency.
CREATE TABLE payment (
    id uuid CONSTRAINT pk_payment PRIMARY KEY,
    case_id uuid NOT NULL CONSTRAINT fk_payment_case_id REFERENCES online_case,
    provider varchar(40) NOT NULL,
    reference varchar(120) NOT NULL,
    address varchar(2000) NOT NULL,
    amount integer NOT NULL,
    currency varchar(3) NOT NULL,
    state varchar(24) NOT NULL,
    created_at timestamptz NOT NULL,
    paid_at timestamptz,
    refunded_at timestamptz,
    CONSTRAINT uq_payment_provider UNIQUE (provider, reference),
    CONSTRAINT ck_payment_state_word CHECK (state IN ('created', 'paid', 'dropped', 'refund_due', 'refunded')),
    CONSTRAINT ck_payment_amount CHECK (amount > 0)
);
CREATE UNIQUE INDEX uq_payment_live ON payment (case_id) WHERE state IN ('created', 'paid');
CREATE INDEX ix_payment_case_id ON payment (case_id);
CREATE INDEX ix_payment_refund ON payment (created_at) WHERE state = 'refund_due';

-- Something that a provider told, once: an event that comes again finds its row. Forged ones leave none.
CREATE TABLE payment_event (
    id uuid CONSTRAINT pk_payment_event PRIMARY KEY,
    provider varchar(40) NOT NULL,
    event_id varchar(200) NOT NULL,
    payment_id uuid CONSTRAINT fk_payment_event_payment_id REFERENCES payment,
    kind varchar(24) NOT NULL,
    amount integer NOT NULL,
    currency varchar(12) NOT NULL,
    outcome varchar(24) NOT NULL,
    received_at timestamptz NOT NULL,
    CONSTRAINT uq_payment_event_provider UNIQUE (provider, event_id),
    CONSTRAINT ck_payment_event_kind_word CHECK (kind IN ('paid', 'failed', 'refunded')),
    CONSTRAINT ck_payment_event_outcome_word CHECK (
        outcome IN ('applied', 'repeated', 'out_of_order', 'wrong_amount', 'unknown_payment')
    )
);
CREATE INDEX ix_payment_event_payment_id ON payment_event (payment_id);

-- The result of a case, valid from one day to another (both included; for ever where there is no other).
CREATE TABLE issued_result (
    id uuid CONSTRAINT pk_issued_result PRIMARY KEY,
    number varchar(16) NOT NULL CONSTRAINT uq_issued_result_number UNIQUE,
    case_id uuid NOT NULL
        CONSTRAINT uq_issued_result_case_id UNIQUE CONSTRAINT fk_issued_result_case_id REFERENCES online_case,
    service_id integer NOT NULL CONSTRAINT fk_issued_result_service_id REFERENCES service,
    person_id uuid NOT NULL CONSTRAINT fk_issued_result_person_id REFERENCES person,
    kind varchar(16) NOT NULL,
    content bytea NOT NULL,
    thing bytea,
    issued_on date NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    issued_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_reason varchar(40),
    CONSTRAINT ck_issued_result_kind_word CHECK (kind IN ('certificate', 'policy', 'appointment')),
    CONSTRAINT ck_issued_result_period CHECK (valid_until IS NULL OR valid_from <= valid_until),
    CONSTRAINT ck_issued_result_revoked CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL)),
    CONSTRAINT ex_issued_result_thing EXCLUDE USING gist (
        service_id WITH =, thing WITH =, daterange(valid_from, valid_until, '[]') WITH &&
    ) WHERE (thing IS NOT NULL AND revoked_at IS NULL)
);
CREATE INDEX ix_issued_result_person ON issued_result (person_id, service_id);
CREATE INDEX ix_issued_result_revoked ON issued_result (revoked_at) WHERE revoked_at IS NOT NULL;
