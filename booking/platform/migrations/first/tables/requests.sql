-- Helpers, draws, and the requests that take part in them.

-- A registered shop or organisation.
CREATE TABLE helper (
    id uuid CONSTRAINT pk_helper PRIMARY KEY,
    account_id uuid NOT NULL CONSTRAINT fk_helper_account_id REFERENCES account CONSTRAINT uq_helper_account_id UNIQUE,
    organisation varchar(80) NOT NULL,
    licence varchar(40) NOT NULL CONSTRAINT uq_helper_licence UNIQUE,
    office_id integer NOT NULL CONSTRAINT fk_helper_office_id REFERENCES office,
    per_day smallint NOT NULL,
    per_month smallint NOT NULL,
    at_once smallint NOT NULL,
    state varchar(24) NOT NULL,
    suspended_reason varchar(2000),
    created_at timestamptz NOT NULL,
    CONSTRAINT ck_helper_state_word CHECK (state IN ('active', 'suspended')),
    CONSTRAINT ck_helper_caps CHECK (
        per_day BETWEEN 1 AND per_month AND per_month <= 10000 AND at_once BETWEEN 1 AND 500
    ),
    CONSTRAINT ck_helper_suspended_with_reason CHECK ((state = 'suspended') = (suspended_reason IS NOT NULL))
);
CREATE INDEX ix_helper_office_id ON helper (office_id);

-- How many requests a helper sent in a day (2026-11-26), in a month (2026-11), or on paper in a day (p20261126).
CREATE TABLE helper_use (
    helper_id uuid NOT NULL CONSTRAINT fk_helper_use_helper_id REFERENCES helper,
    period varchar(10) NOT NULL,
    taken smallint NOT NULL,
    CONSTRAINT pk_helper_use PRIMARY KEY (helper_id, period),
    CONSTRAINT ck_helper_use_taken CHECK (taken >= 0)
);

-- A device at which a helper worked, by its keyed hash.
CREATE TABLE helper_device (
    device_hash bytea CONSTRAINT pk_helper_device PRIMARY KEY,
    helper_id uuid NOT NULL CONSTRAINT fk_helper_device_helper_id REFERENCES helper,
    seen_at timestamptz NOT NULL
);

-- One allocation round over the offices and the days horizon_first to horizon_last.
CREATE TABLE draw (
    id uuid CONSTRAINT pk_draw PRIMARY KEY,
    reference varchar(24) NOT NULL CONSTRAINT uq_draw_reference UNIQUE,
    state varchar(24) NOT NULL,
    opens_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL,
    horizon_first date NOT NULL,
    horizon_last date NOT NULL,
    confirm_seconds integer NOT NULL,
    seed_commitment bytea NOT NULL,
    seed_ciphertext bytea NOT NULL,
    seed bytea,
    root bytea,
    policy_version integer,
    figures jsonb NOT NULL,
    announced_at timestamptz NOT NULL,
    closed_at timestamptz,
    drawn_at timestamptz,
    published_at timestamptz,
    CONSTRAINT ck_draw_state_word CHECK (state IN ('announced', 'open', 'closed', 'drawn', 'published')),
    CONSTRAINT ck_draw_seed_secret_until_published CHECK ((state = 'published') = (seed IS NOT NULL)),
    CONSTRAINT ck_draw_times CHECK (opens_at < closes_at AND horizon_first <= horizon_last)
);

-- A file of a draw. Frozen inputs are stored at closing, results at the draw; both are public once published.
CREATE TABLE draw_file (
    draw_id uuid NOT NULL CONSTRAINT fk_draw_file_draw_id REFERENCES draw,
    name varchar(60) NOT NULL,
    media_type varchar(60) NOT NULL,
    content bytea NOT NULL,
    sha256 varchar(64) NOT NULL,
    CONSTRAINT pk_draw_file PRIMARY KEY (draw_id, name)
);

-- A party's wish for a service: ranked offices, days, times, needed-by date.
CREATE TABLE request (
    id uuid CONSTRAINT pk_request PRIMARY KEY,
    reference varchar(16) NOT NULL CONSTRAINT uq_request_reference UNIQUE,
    account_id uuid NOT NULL CONSTRAINT fk_request_account_id REFERENCES account,
    service_id integer NOT NULL CONSTRAINT fk_request_service_id REFERENCES service,
    door varchar(24) NOT NULL,
    state varchar(24) NOT NULL,
    party_size smallint NOT NULL,
    units smallint NOT NULL,
    first_day date NOT NULL,
    last_day date,
    weekdays smallint NOT NULL,
    bands varchar(40) NOT NULL,
    needed_by date,
    accessible boolean NOT NULL,
    together boolean NOT NULL DEFAULT false,
    must_hold boolean NOT NULL DEFAULT false,
    reason_code varchar(40),
    lost_draws smallint NOT NULL,
    reschedules smallint NOT NULL,
    helper_id uuid CONSTRAINT fk_request_helper_id REFERENCES helper,
    nonce bytea NOT NULL,
    receipt bytea NOT NULL CONSTRAINT uq_request_receipt UNIQUE,
    draw_id uuid CONSTRAINT fk_request_draw_id REFERENCES draw,
    device_hash bytea NOT NULL,
    network_hash bytea NOT NULL,
    phone_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    decided_at timestamptz,
    transaction bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    CONSTRAINT ck_request_state_word CHECK (
        state IN (
            'submitted', 'challenged', 'under_review', 'accepted', 'refused', 'carried_over', 'drawn',
            'held', 'completed', 'withdrawn', 'lapsed'
        )
    ),
    CONSTRAINT ck_request_door_word CHECK (door IN ('home', 'abroad')),
    CONSTRAINT ck_request_days CHECK (last_day IS NULL OR last_day >= first_day),
    CONSTRAINT ck_request_party CHECK (units > 0 AND party_size BETWEEN 1 AND 6)
);
CREATE INDEX ix_request_account ON request (account_id, created_at);
CREATE INDEX ix_request_device ON request (device_hash, created_at);
CREATE INDEX ix_request_draw_id ON request (draw_id);
CREATE INDEX ix_request_network ON request (network_hash, created_at);
CREATE INDEX ix_request_phone ON request (phone_hash, created_at);
CREATE INDEX ix_request_state ON request (state);
CREATE INDEX ix_request_helper ON request (helper_id, created_at) WHERE helper_id IS NOT NULL;

-- One of the ranked offices of a request; rank 0 is the first choice.
CREATE TABLE request_office (
    request_id uuid NOT NULL CONSTRAINT fk_request_office_request_id REFERENCES request,
    rank smallint NOT NULL,
    office_id integer NOT NULL CONSTRAINT fk_request_office_office_id REFERENCES office,
    first_day date,
    last_day date,
    CONSTRAINT pk_request_office PRIMARY KEY (request_id, rank),
    CONSTRAINT ck_request_office_own_days CHECK ((first_day IS NULL) = (last_day IS NULL) AND first_day <= last_day)
);

-- A person in a request. The unique index is the rule: one live request a person and group of services.
CREATE TABLE request_member (
    request_id uuid NOT NULL CONSTRAINT fk_request_member_request_id REFERENCES request,
    person_id uuid NOT NULL CONSTRAINT fk_request_member_person_id REFERENCES person,
    position smallint NOT NULL,
    exclusive_group varchar(60) NOT NULL,
    units smallint NOT NULL,
    live boolean NOT NULL,
    CONSTRAINT pk_request_member PRIMARY KEY (request_id, person_id)
);
CREATE UNIQUE INDEX uq_request_member_live ON request_member (person_id, exclusive_group) WHERE live;
CREATE INDEX ix_request_member_person ON request_member (person_id);

-- That a request was asked for at an office's counter, and by which clerk.
CREATE TABLE counter_request (
    request_id uuid
        CONSTRAINT pk_counter_request PRIMARY KEY CONSTRAINT fk_counter_request_request_id REFERENCES request,
    office_id integer NOT NULL CONSTRAINT fk_counter_request_office_id REFERENCES office,
    clerk_id uuid NOT NULL CONSTRAINT fk_counter_request_clerk_id REFERENCES account,
    asked_at timestamptz NOT NULL
);

-- One person's leave for one request by one helper.
CREATE TABLE consent (
    id uuid CONSTRAINT pk_consent PRIMARY KEY,
    helper_id uuid NOT NULL CONSTRAINT fk_consent_helper_id REFERENCES helper,
    account_id uuid NOT NULL CONSTRAINT fk_consent_account_id REFERENCES account,
    person_id uuid NOT NULL CONSTRAINT fk_consent_person_id REFERENCES person,
    state varchar(24) NOT NULL,
    request_id uuid CONSTRAINT fk_consent_request_id REFERENCES request CONSTRAINT uq_consent_request_id UNIQUE,
    asked_at timestamptz NOT NULL,
    given_at timestamptz,
    used_at timestamptz,
    withdrawn_at timestamptz,
    ends_at timestamptz NOT NULL,
    paper_reference varchar(16) CONSTRAINT uq_consent_paper_reference UNIQUE,
    CONSTRAINT ck_consent_state_word CHECK (state IN ('asked', 'given', 'used', 'withdrawn')),
    CONSTRAINT ck_consent_request_when_used CHECK (state NOT IN ('asked', 'given') OR request_id IS NULL),
    CONSTRAINT ck_consent_used_for_a_request CHECK (state <> 'used' OR request_id IS NOT NULL)
);
CREATE INDEX ix_consent_helper ON consent (helper_id, asked_at);
CREATE INDEX ix_consent_account_id ON consent (account_id);

-- A photo of the signed form of one consent, kept as plain pages; the one before is removed by the next one.
CREATE TABLE consent_paper (
    id uuid CONSTRAINT pk_consent_paper PRIMARY KEY,
    consent_id uuid NOT NULL CONSTRAINT fk_consent_paper_consent_id REFERENCES consent,
    sha256 bytea NOT NULL,
    media_type varchar(40) NOT NULL,
    size integer NOT NULL,
    pages smallint NOT NULL,
    uploaded_at timestamptz NOT NULL,
    removed_at timestamptz
);
CREATE UNIQUE INDEX uq_consent_paper_kept ON consent_paper (consent_id) WHERE removed_at IS NULL;
CREATE INDEX ix_consent_paper_consent ON consent_paper (consent_id);
CREATE INDEX ix_consent_paper_sha256 ON consent_paper (sha256);

-- A request's part in a draw: its leaf in the Merkle tree, its pseudonym, its place in line, the outcome.
CREATE TABLE draw_entry (
    draw_id uuid NOT NULL CONSTRAINT fk_draw_entry_draw_id REFERENCES draw,
    request_id uuid NOT NULL CONSTRAINT fk_draw_entry_request_id REFERENCES request,
    leaf_index integer NOT NULL,
    person_draw_id bytea NOT NULL,
    priority smallint NOT NULL,
    position integer,
    served boolean,
    rank smallint,
    explanation jsonb NOT NULL,
    CONSTRAINT pk_draw_entry PRIMARY KEY (draw_id, request_id)
);
CREATE INDEX ix_draw_entry_request_id ON draw_entry (request_id);

-- A request that waited and could not take part in a draw: somebody lacked what must be there on the day.
CREATE TABLE draw_left_out (
    draw_id uuid NOT NULL CONSTRAINT fk_draw_left_out_draw_id REFERENCES draw,
    request_id uuid NOT NULL CONSTRAINT fk_draw_left_out_request_id REFERENCES request,
    lacks jsonb NOT NULL,
    CONSTRAINT pk_draw_left_out PRIMARY KEY (draw_id, request_id)
);
CREATE INDEX ix_draw_left_out_request_id ON draw_left_out (request_id);
