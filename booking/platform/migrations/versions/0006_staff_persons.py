"""Which person each colleague is, changes of staff that two administrators make, and four eyes that compare persons."""

from pathlib import Path
from typing import Final

from alembic import op

revision = "0006_staff_persons"
down_revision = "0005_signin"

old_code_can_run = True
"""New tables and columns only. Exceptions from all rules, earlier ones too, hold once another person approves them."""


GUARDS: Final = Path(__file__).parents[1] / "guards_0006.sql"


def upgrade() -> None:
    """Bind nobody yet, and let every guard that wants two people compare persons."""
    op.execute(
        """
        CREATE TABLE staff_person (
            account_id uuid NOT NULL CONSTRAINT pk_staff_person PRIMARY KEY
                CONSTRAINT fk_staff_person_account_id REFERENCES account (id),
            person_id uuid NOT NULL CONSTRAINT fk_staff_person_person_id REFERENCES person (id),
            bound_at timestamptz NOT NULL,
            bound_by uuid CONSTRAINT fk_staff_person_bound_by REFERENCES account (id)
        );
        CREATE INDEX ix_staff_person_person_id ON staff_person (person_id);

        CREATE TABLE staff_change (
            id uuid NOT NULL CONSTRAINT pk_staff_change PRIMARY KEY,
            kind varchar(24) NOT NULL,
            account_id uuid CONSTRAINT fk_staff_change_account_id REFERENCES account (id),
            wanted bytea,
            reason varchar(2000) NOT NULL,
            state varchar(24) NOT NULL,
            proposed_by uuid NOT NULL CONSTRAINT fk_staff_change_proposed_by REFERENCES account (id),
            proposed_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL,
            decided_by uuid CONSTRAINT fk_staff_change_decided_by REFERENCES account (id),
            decided_at timestamptz,
            CONSTRAINT ck_staff_change_kind_word
                CHECK (kind IN ('create', 'roles', 'provider', 'second_factor', 'open', 'person')),
            CONSTRAINT ck_staff_change_state_word CHECK (state IN ('proposed', 'confirmed', 'refused', 'expired')),
            CONSTRAINT ck_staff_change_decided_whole CHECK (
                (state IN ('confirmed', 'refused')) = (decided_by IS NOT NULL)
                AND (state = 'proposed') = (decided_at IS NULL)
            ),
            CONSTRAINT ck_staff_change_forgotten_once_over CHECK ((state = 'proposed') = (wanted IS NOT NULL)),
            CONSTRAINT ck_staff_change_whose CHECK (kind = 'create' OR account_id IS NOT NULL)
        );
        CREATE INDEX ix_staff_change_waiting ON staff_change (expires_at) WHERE state = 'proposed';

        ALTER TABLE rule_exception
            ADD COLUMN approved_by uuid CONSTRAINT fk_rule_exception_approved_by REFERENCES account (id),
            ADD COLUMN approved_at timestamptz,
            ADD CONSTRAINT ck_rule_exception_approval_whole CHECK ((approved_by IS NULL) = (approved_at IS NULL));
        """
    )
    driver = op.get_bind().connection.driver_connection
    if driver is None:
        raise RuntimeError("the connection was lost")
    # Through the driver itself: percent signs are not parameters.
    driver.execute(GUARDS.read_text(encoding="utf-8"))
