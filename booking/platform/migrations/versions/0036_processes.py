"""Processes say that they live, and of which version; what earlier versions alone need goes once none of them lives."""

from alembic import op

revision = "0036_processes"
down_revision = "0032_draw_files"

old_code_can_run = True
"""New tables alone, which the version before does not know."""


def upgrade() -> None:
    """Nobody has said anything yet, and nothing was taken away."""
    op.execute(
        """
        CREATE TABLE running_process (
            id uuid NOT NULL CONSTRAINT pk_running_process PRIMARY KEY,
            kind varchar(24) NOT NULL CONSTRAINT ck_running_process_kind_word CHECK (kind IN ('web', 'worker')),
            host varchar(255) NOT NULL,
            schema_number varchar(4) NOT NULL,
            version varchar(40) NOT NULL,
            began_at timestamptz NOT NULL,
            seen_at timestamptz NOT NULL,
            clock_ahead double precision NOT NULL
        );
        CREATE TABLE contract_step (
            name varchar(60) NOT NULL CONSTRAINT pk_contract_step PRIMARY KEY,
            done_at timestamptz NOT NULL
        );
        """
    )
