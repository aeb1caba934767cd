"""The hall (numbers, calls, counters, measured times), and rosters of those who work at counters."""

from alembic import op

revision = "0044_hall"
down_revision = "0043_swaps"

old_code_can_run = True
"""Whom an old process checks in has no number in the hall until a new one calls them; it reads none of the columns."""


def upgrade() -> None:
    """Nobody was called yet but by ticket, and nothing is measured."""
    op.execute(
        """
        ALTER TABLE appointment
            ADD COLUMN hall_number smallint,
            ADD COLUMN priority boolean NOT NULL DEFAULT false,
            ADD COLUMN not_before timestamptz,
            ADD COLUMN counter smallint,
            ADD COLUMN called_at timestamptz;
        ALTER TABLE walk_in
            ADD COLUMN priority boolean NOT NULL DEFAULT false,
            ADD COLUMN not_before timestamptz;
        CREATE TABLE open_counter (
            office_id integer NOT NULL CONSTRAINT fk_open_counter_office_id REFERENCES office,
            local_day date NOT NULL,
            counter smallint NOT NULL,
            account_id uuid NOT NULL CONSTRAINT fk_open_counter_account_id REFERENCES account,
            opened_at timestamptz NOT NULL,
            back_at timestamptz,
            closed_at timestamptz,
            CONSTRAINT pk_open_counter PRIMARY KEY (office_id, local_day, counter),
            CONSTRAINT ck_open_counter_some CHECK (counter > 0)
        );
        CREATE TABLE service_time (
            id serial CONSTRAINT pk_service_time PRIMARY KEY,
            office_id integer CONSTRAINT fk_service_time_office_id REFERENCES office,
            service_id integer NOT NULL CONSTRAINT fk_service_time_service_id REFERENCES service,
            people smallint NOT NULL,
            counted integer NOT NULL,
            quantiles jsonb NOT NULL,
            measured_at timestamptz NOT NULL,
            CONSTRAINT uq_service_time_kind UNIQUE NULLS NOT DISTINCT (office_id, service_id, people)
        );
        CREATE TABLE roster (
            id uuid NOT NULL CONSTRAINT pk_roster PRIMARY KEY,
            office_id integer NOT NULL CONSTRAINT fk_roster_office_id REFERENCES office,
            first_day date NOT NULL,
            weeks smallint NOT NULL,
            state varchar(24) NOT NULL CONSTRAINT ck_roster_state_word
                CHECK (state IN ('asked', 'solved', 'published', 'replaced', 'dropped')),
            share_done double precision NOT NULL,
            figures jsonb NOT NULL,
            asked_by uuid NOT NULL CONSTRAINT fk_roster_asked_by REFERENCES account,
            asked_at timestamptz NOT NULL,
            solved_at timestamptz,
            published_by uuid CONSTRAINT fk_roster_published_by REFERENCES account,
            published_at timestamptz,
            CONSTRAINT ck_roster_weeks CHECK (weeks BETWEEN 1 AND 6)
        );
        CREATE UNIQUE INDEX uq_roster_open ON roster (office_id, first_day) WHERE state IN ('asked', 'solved');
        CREATE UNIQUE INDEX uq_roster_published ON roster (office_id, first_day) WHERE state = 'published';
        CREATE TABLE roster_shift (
            roster_id uuid NOT NULL CONSTRAINT fk_roster_shift_roster_id REFERENCES roster,
            day date NOT NULL,
            account_id uuid NOT NULL CONSTRAINT fk_roster_shift_account_id REFERENCES account,
            shift varchar(40) NOT NULL,
            changed_at timestamptz,
            CONSTRAINT pk_roster_shift PRIMARY KEY (roster_id, day, account_id)
        );
        CREATE INDEX ix_roster_shift_account_id ON roster_shift (account_id, day);
        CREATE TABLE staff_terms (
            account_id uuid NOT NULL CONSTRAINT pk_staff_terms PRIMARY KEY
                CONSTRAINT fk_staff_terms_account_id REFERENCES account,
            week_minutes smallint NOT NULL,
            skills jsonb NOT NULL
        );
        CREATE TABLE staff_leave (
            id uuid NOT NULL CONSTRAINT pk_staff_leave PRIMARY KEY,
            account_id uuid NOT NULL CONSTRAINT fk_staff_leave_account_id REFERENCES account,
            first_day date NOT NULL,
            last_day date NOT NULL,
            CONSTRAINT ck_staff_leave_in_order CHECK (first_day <= last_day)
        );
        CREATE INDEX ix_staff_leave_account_id ON staff_leave (account_id, last_day);
        CREATE TABLE roster_repair (
            id uuid NOT NULL CONSTRAINT pk_roster_repair PRIMARY KEY,
            roster_id uuid NOT NULL CONSTRAINT fk_roster_repair_roster_id REFERENCES roster,
            day date NOT NULL,
            state varchar(24) NOT NULL CONSTRAINT ck_roster_repair_state_word
                CHECK (state IN ('asked', 'planned', 'applied', 'dropped')),
            absent jsonb NOT NULL,
            plan jsonb NOT NULL,
            asked_by uuid NOT NULL CONSTRAINT fk_roster_repair_asked_by REFERENCES account,
            asked_at timestamptz NOT NULL,
            ended_at timestamptz
        );
        CREATE UNIQUE INDEX uq_roster_repair_open ON roster_repair (roster_id, day)
            WHERE state IN ('asked', 'planned');
        """
    )
