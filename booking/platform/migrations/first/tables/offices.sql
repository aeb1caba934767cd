-- Offices and what they offer, and the times at which they do.

-- A branch or consulate with its time zone, place and opening rules (opening: weekday, opens, closes).
CREATE TABLE office (
    id serial CONSTRAINT pk_office PRIMARY KEY,
    code varchar(60) NOT NULL CONSTRAINT uq_office_code UNIQUE,
    kind varchar(24) NOT NULL,
    name_ar varchar(200) NOT NULL,
    name_en varchar(200) NOT NULL,
    region_code varchar(40) NOT NULL,
    region_ar varchar(120) NOT NULL,
    region_en varchar(120) NOT NULL,
    city_ar varchar(120) NOT NULL DEFAULT '',
    city_en varchar(120) NOT NULL DEFAULT '',
    address_ar varchar(300) NOT NULL,
    address_en varchar(300) NOT NULL,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    time_zone varchar(60) NOT NULL,
    counters smallint NOT NULL,
    accessible boolean NOT NULL,
    opening jsonb NOT NULL,
    active boolean NOT NULL
);

-- What is delivered: units of 15 minutes at one counter a person; spec is the whole file of the service.
CREATE TABLE service (
    id serial CONSTRAINT pk_service PRIMARY KEY,
    code varchar(60) NOT NULL CONSTRAINT uq_service_code UNIQUE,
    delivery varchar(12) NOT NULL,
    group_code varchar(40) NOT NULL,
    agency_code varchar(40) NOT NULL,
    exclusive_group varchar(60) NOT NULL,
    name_ar varchar(200) NOT NULL,
    name_en varchar(200) NOT NULL,
    description_ar varchar NOT NULL,
    description_en varchar NOT NULL,
    units smallint NOT NULL,
    audience varchar(12) NOT NULL,
    maximum_wait_days smallint NOT NULL,
    spec jsonb NOT NULL,
    position smallint NOT NULL,
    active boolean NOT NULL,
    CONSTRAINT ck_service_delivery_word CHECK (delivery IN ('appointment', 'online', 'both')),
    CONSTRAINT ck_service_online_takes_no_counter CHECK ((delivery = 'online') = (units = 0))
);

-- A day on which offices are closed: everywhere (office_id empty) or at one office.
CREATE TABLE holiday (
    id serial CONSTRAINT pk_holiday PRIMARY KEY,
    day date NOT NULL,
    office_id integer CONSTRAINT fk_holiday_office_id REFERENCES office,
    name_ar varchar(120) NOT NULL,
    name_en varchar(120) NOT NULL,
    CONSTRAINT uq_holiday_day UNIQUE NULLS NOT DISTINCT (day, office_id)
);

-- A half hour at an office; local_day and band are in the office's own time.
CREATE TABLE slot (
    id bigserial CONSTRAINT pk_slot PRIMARY KEY,
    office_id integer NOT NULL CONSTRAINT fk_slot_office_id REFERENCES office,
    local_day date NOT NULL,
    band varchar(12) NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    counters smallint NOT NULL,
    CONSTRAINT uq_slot_office_id UNIQUE (office_id, starts_at)
);
CREATE INDEX ix_slot_day ON slot (local_day, office_id);

-- The places of one pool in one slot; a place is 15 minutes of one counter.
CREATE TABLE slot_pool (
    slot_id bigint NOT NULL CONSTRAINT fk_slot_pool_slot_id REFERENCES slot ON DELETE CASCADE,
    pool varchar(24) NOT NULL,
    places smallint NOT NULL,
    taken smallint NOT NULL,
    overbooked smallint NOT NULL DEFAULT 0,
    CONSTRAINT pk_slot_pool PRIMARY KEY (slot_id, pool),
    CONSTRAINT ck_slot_pool_pool_word CHECK (pool IN ('draw', 'instant', 'urgent', 'accessible', 'walk_in')),
    CONSTRAINT ck_slot_pool_not_oversold CHECK (taken >= 0 AND taken <= places),
    CONSTRAINT ck_slot_pool_overbooked CHECK (overbooked >= 0 AND (overbooked = 0 OR pool = 'urgent'))
);
