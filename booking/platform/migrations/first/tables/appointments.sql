-- Appointments and how they ended, days that close, and people who come without one.

-- One party's claim on touching slots of one office.
CREATE TABLE appointment (
    id uuid CONSTRAINT pk_appointment PRIMARY KEY,
    reference varchar(16) NOT NULL CONSTRAINT uq_appointment_reference UNIQUE,
    request_id uuid NOT NULL CONSTRAINT fk_appointment_request_id REFERENCES request,
    office_id integer NOT NULL CONSTRAINT fk_appointment_office_id REFERENCES office,
    draw_id uuid CONSTRAINT fk_appointment_draw_id REFERENCES draw,
    urgent_request_id uuid CONSTRAINT fk_appointment_urgent_request_id REFERENCES urgent_request,
    state varchar(24) NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    confirm_by timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    checked_in_at timestamptz,
    ended_at timestamptz,
    reminded_at timestamptz,
    reminded_early_at timestamptz,
    CONSTRAINT ck_appointment_state_word CHECK (
        state IN ('offered', 'confirmed', 'checked_in', 'served', 'unserved', 'no_show', 'lapsed', 'cancelled')
    )
);
CREATE UNIQUE INDEX uq_appointment_live_request ON appointment (request_id)
    WHERE state IN ('offered', 'confirmed', 'checked_in');
CREATE INDEX ix_appointment_confirm_by ON appointment (confirm_by) WHERE state = 'offered';
CREATE INDEX ix_appointment_office_start ON appointment (office_id, starts_at);
CREATE INDEX ix_appointment_confirmed_end ON appointment (ends_at) WHERE state = 'confirmed';
CREATE INDEX ix_appointment_urgent_request_id ON appointment (urgent_request_id);
CREATE INDEX ix_appointment_checked_in ON appointment (ends_at) WHERE state = 'checked_in';

-- The places that an appointment takes in one slot, and from which pool.
CREATE TABLE appointment_places (
    appointment_id uuid NOT NULL CONSTRAINT fk_appointment_places_appointment_id REFERENCES appointment,
    slot_id bigint NOT NULL CONSTRAINT fk_appointment_places_slot_id REFERENCES slot,
    pool varchar(24) NOT NULL,
    places smallint NOT NULL,
    CONSTRAINT pk_appointment_places PRIMARY KEY (appointment_id, slot_id, pool),
    CONSTRAINT ck_appointment_places_some CHECK (places > 0)
);

-- How an appointment ended: written once and never changed, for the facts that count the past.
CREATE TABLE outcome (
    appointment_id uuid CONSTRAINT pk_outcome PRIMARY KEY CONSTRAINT fk_outcome_appointment_id REFERENCES appointment,
    request_id uuid NOT NULL CONSTRAINT fk_outcome_request_id REFERENCES request,
    account_id uuid NOT NULL CONSTRAINT fk_outcome_account_id REFERENCES account,
    device_hash bytea NOT NULL,
    phone_hash bytea NOT NULL,
    kind varchar(24) NOT NULL,
    at timestamptz NOT NULL,
    transaction bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    CONSTRAINT ck_outcome_kind_word CHECK (kind IN ('served', 'no_show', 'lapsed', 'cancelled'))
);
CREATE INDEX ix_outcome_account ON outcome (account_id, at);
CREATE INDEX ix_outcome_device ON outcome (device_hash, at);
CREATE INDEX ix_outcome_phone ON outcome (phone_hash, at);

-- That an appointment ended otherwise than was known: appended, never changed or removed (triggers).
CREATE TABLE outcome_correction (
    id uuid CONSTRAINT pk_outcome_correction PRIMARY KEY,
    appointment_id uuid NOT NULL CONSTRAINT fk_outcome_correction_appointment_id REFERENCES outcome,
    kind varchar(24) NOT NULL,
    at timestamptz NOT NULL,
    account_id uuid NOT NULL CONSTRAINT fk_outcome_correction_account_id REFERENCES account,
    reason varchar(500) NOT NULL,
    transaction bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    CONSTRAINT ck_outcome_correction_attendance CHECK (kind IN ('served', 'no_show'))
);
CREATE INDEX ix_outcome_correction_appointment ON outcome_correction (appointment_id, at);

-- A supervisor's wish that an office has only so many counters on a day; 0 closes it.
CREATE TABLE closure (
    id uuid CONSTRAINT pk_closure PRIMARY KEY,
    office_id integer NOT NULL CONSTRAINT fk_closure_office_id REFERENCES office,
    local_day date NOT NULL,
    counters smallint NOT NULL,
    reason varchar(500) NOT NULL,
    state varchar(24) NOT NULL,
    plan jsonb NOT NULL,
    asked_by uuid NOT NULL CONSTRAINT fk_closure_asked_by REFERENCES account,
    asked_at timestamptz NOT NULL,
    planned_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT ck_closure_state_word CHECK (state IN ('asked', 'planned', 'applied', 'dropped')),
    CONSTRAINT ck_closure_counters CHECK (counters >= 0)
);
CREATE UNIQUE INDEX uq_closure_open ON closure (office_id, local_day) WHERE state IN ('asked', 'planned');

-- That an appointment was moved by its office: from where, and to where; empty where it went into the next draw.
CREATE TABLE appointment_move (
    closure_id uuid NOT NULL CONSTRAINT fk_appointment_move_closure_id REFERENCES closure,
    appointment_id uuid NOT NULL CONSTRAINT fk_appointment_move_appointment_id REFERENCES appointment,
    from_office_id integer NOT NULL CONSTRAINT fk_appointment_move_from_office_id REFERENCES office,
    from_starts_at timestamptz NOT NULL,
    to_office_id integer CONSTRAINT fk_appointment_move_to_office_id REFERENCES office,
    to_starts_at timestamptz,
    made_at timestamptz NOT NULL,
    refuse_by timestamptz,
    refused_at timestamptz,
    CONSTRAINT pk_appointment_move PRIMARY KEY (closure_id, appointment_id)
);
CREATE INDEX ix_appointment_move_appointment ON appointment_move (appointment_id, made_at);

-- The last ticket of an office-day; its row is locked until the ticket is there, so no number is left out.
CREATE TABLE walk_in_day (
    office_id integer NOT NULL CONSTRAINT fk_walk_in_day_office_id REFERENCES office,
    local_day date NOT NULL,
    last_ticket smallint NOT NULL,
    CONSTRAINT pk_walk_in_day PRIMARY KEY (office_id, local_day)
);

-- A ticket for one person.
CREATE TABLE walk_in (
    id uuid CONSTRAINT pk_walk_in PRIMARY KEY,
    office_id integer NOT NULL CONSTRAINT fk_walk_in_office_id REFERENCES office,
    local_day date NOT NULL,
    ticket smallint NOT NULL,
    person_hash bytea NOT NULL,
    service_id integer NOT NULL CONSTRAINT fk_walk_in_service_id REFERENCES service,
    slot_id bigint NOT NULL CONSTRAINT fk_walk_in_slot_id REFERENCES slot,
    places smallint NOT NULL,
    state varchar(24) NOT NULL,
    counter smallint,
    arrived_at timestamptz NOT NULL,
    called_at timestamptz,
    ended_at timestamptz,
    account_id uuid NOT NULL CONSTRAINT fk_walk_in_account_id REFERENCES account,
    CONSTRAINT uq_walk_in_ticket UNIQUE (office_id, local_day, ticket),
    CONSTRAINT uq_walk_in_person UNIQUE (person_hash, local_day),
    CONSTRAINT ck_walk_in_state_word CHECK (state IN ('waiting', 'called', 'served', 'gone', 'lapsed')),
    CONSTRAINT ck_walk_in_some CHECK (ticket > 0 AND places > 0),
    CONSTRAINT ck_walk_in_called_to_a_counter CHECK ((called_at IS NULL) = (counter IS NULL))
);
CREATE INDEX ix_walk_in_called ON walk_in (office_id, local_day, called_at);
CREATE INDEX ix_walk_in_open ON walk_in (local_day) WHERE state IN ('waiting', 'called');
