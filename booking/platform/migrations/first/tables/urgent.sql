-- Urgent cases, their evidence and decisions.

-- A wish to be let past the draw, beside the request that stays in it.
CREATE TABLE urgent_request (
    id uuid CONSTRAINT pk_urgent_request PRIMARY KEY,
    reference varchar(16) NOT NULL CONSTRAINT uq_urgent_request_reference UNIQUE,
    request_id uuid NOT NULL CONSTRAINT fk_urgent_request_request_id REFERENCES request,
    account_id uuid NOT NULL CONSTRAINT fk_urgent_request_account_id REFERENCES account,
    office_id integer NOT NULL CONSTRAINT fk_urgent_request_office_id REFERENCES office,
    state varchar(24) NOT NULL,
    reason_code varchar(40) NOT NULL,
    severity smallint NOT NULL,
    needed_by date NOT NULL,
    words varchar NOT NULL,
    evidence_note varchar NOT NULL,
    for_supervisor boolean NOT NULL,
    over_pool boolean NOT NULL,
    level varchar(12),
    created_at timestamptz NOT NULL,
    submitted_at timestamptz,
    assigned_to uuid CONSTRAINT fk_urgent_request_assigned_to REFERENCES account,
    assigned_at timestamptz,
    closed_at timestamptz,
    CONSTRAINT ck_urgent_request_state_word CHECK (
        state IN (
            'draft', 'submitted', 'assigned', 'needs_second', 'needs_evidence', 'approved', 'denied',
            'revoked', 'withdrawn', 'lapsed'
        )
    ),
    CONSTRAINT ck_urgent_request_assigned CHECK ((assigned_to IS NULL) OR state NOT IN ('draft', 'submitted')),
    CONSTRAINT ck_urgent_request_severity CHECK (severity BETWEEN 1 AND 5)
);
CREATE UNIQUE INDEX uq_urgent_request_live ON urgent_request (request_id)
    WHERE state IN ('draft', 'submitted', 'assigned', 'needs_second', 'needs_evidence', 'approved');
CREATE INDEX ix_urgent_request_queue ON urgent_request (office_id, needed_by)
    WHERE state IN ('submitted', 'assigned', 'needs_second');
CREATE INDEX ix_urgent_request_account ON urgent_request (account_id, created_at);

-- A file that someone sent, as it is kept: images of its pages without metadata, encrypted, in the evidence folder.
CREATE TABLE urgent_evidence (
    id uuid CONSTRAINT pk_urgent_evidence PRIMARY KEY,
    urgent_request_id uuid NOT NULL CONSTRAINT fk_urgent_evidence_urgent_request_id REFERENCES urgent_request,
    sha256 bytea NOT NULL,
    media_type varchar(40) NOT NULL,
    size integer NOT NULL,
    pages smallint NOT NULL,
    fingerprints varchar(16)[] NOT NULL,
    uploaded_by uuid NOT NULL CONSTRAINT fk_urgent_evidence_uploaded_by REFERENCES account,
    uploaded_at timestamptz NOT NULL,
    removed_at timestamptz,
    CONSTRAINT ck_urgent_evidence_some CHECK (pages > 0 AND size > 0)
);
CREATE UNIQUE INDEX uq_urgent_evidence_file ON urgent_evidence (urgent_request_id, sha256) WHERE removed_at IS NULL;
CREATE INDEX ix_urgent_evidence_sha256 ON urgent_evidence (sha256);
CREATE INDEX ix_urgent_evidence_uploaded_at ON urgent_evidence (uploaded_at);

-- Evidence of an urgent case on its way: how many of its bytes have come, in how many encrypted parts.
CREATE TABLE evidence_upload (
    id uuid CONSTRAINT pk_evidence_upload PRIMARY KEY,
    urgent_request_id uuid NOT NULL CONSTRAINT fk_evidence_upload_urgent_request_id REFERENCES urgent_request,
    account_id uuid NOT NULL CONSTRAINT fk_evidence_upload_account_id REFERENCES account,
    length integer NOT NULL,
    received integer NOT NULL,
    parts smallint NOT NULL,
    evidence_id uuid CONSTRAINT fk_evidence_upload_evidence_id REFERENCES urgent_evidence,
    over boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT ck_evidence_upload_bounds CHECK (0 <= received AND received <= length AND length > 0 AND parts >= 0)
);
CREATE INDEX ix_evidence_upload_case ON evidence_upload (urgent_request_id, created_at);
CREATE INDEX ix_evidence_upload_created ON evidence_upload (created_at);

-- What one officer did about an urgent case, and why; a trigger refuses every change but that it is undone.
CREATE TABLE urgent_decision (
    id uuid CONSTRAINT pk_urgent_decision PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT uq_urgent_decision_number UNIQUE,
    urgent_request_id uuid NOT NULL CONSTRAINT fk_urgent_decision_urgent_request_id REFERENCES urgent_request,
    officer_id uuid NOT NULL CONSTRAINT fk_urgent_decision_officer_id REFERENCES account,
    act varchar(24) NOT NULL,
    position smallint,
    slot_id bigint CONSTRAINT fk_urgent_decision_slot_id REFERENCES slot,
    reason_code varchar(40) NOT NULL,
    note varchar NOT NULL,
    details jsonb NOT NULL,
    at timestamptz NOT NULL,
    undone_at timestamptz,
    CONSTRAINT ck_urgent_decision_act_word CHECK (
        act IN ('approval', 'denial', 'evidence_asked', 'referral', 'disagreement', 'undoing', 'revocation')
    ),
    CONSTRAINT ck_urgent_decision_approval CHECK (
        (act = 'approval') = (position IS NOT NULL) AND (act = 'approval') = (slot_id IS NOT NULL)
    ),
    CONSTRAINT ck_urgent_decision_position CHECK (position IN (1, 2)),
    CONSTRAINT ck_urgent_decision_noted CHECK (note <> '')
);
CREATE UNIQUE INDEX uq_urgent_decision_officer ON urgent_decision (urgent_request_id, officer_id)
    WHERE act = 'approval' AND undone_at IS NULL;
CREATE UNIQUE INDEX uq_urgent_decision_position ON urgent_decision (urgent_request_id, position)
    WHERE act = 'approval' AND undone_at IS NULL;
CREATE INDEX ix_urgent_decision_urgent_request_id ON urgent_decision (urgent_request_id);
CREATE INDEX ix_urgent_decision_officer ON urgent_decision (officer_id, at);
CREATE INDEX ix_urgent_decision_at ON urgent_decision (at);
