"""The declarative base and the column types that every model shares."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, DateTime, Dialect, ForeignKeyConstraint, MetaData, String, TypeDecorator, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column
from typing_extensions import override

Json = dict[str, Any]

Key = Annotated[UUID, mapped_column(primary_key=True, default=uuid4)]
"""A random primary key, made by the client so that one flush writes a whole aggregate."""

THIS_TRANSACTION: Final = text("pg_current_xact_id()::text::bigint")
"""The number of the running transaction, as the database counts: what `requests.asking.histories` names."""

HELD_BY_TRIGGERS: Final = "held by triggers"
"""Marks a reference that is no foreign key, in ``info`` of its constraint."""

REAL_TIMES: Final = "real times"
"""Marks a check that times can be read, in ``info`` of the constraint."""


def real_times(*columns: str) -> CheckConstraint:
    """Return the check that instants and days of these columns are ones that can be read: none is infinite."""
    finite = " AND ".join(f"isfinite({one})" for one in columns)
    return CheckConstraint(finite, name="real_times", info={REAL_TIMES: True})


def held_by_triggers(column: str, target: str) -> ForeignKeyConstraint:
    """Return a reference that triggers hold, a statement at a time, and no foreign key; most are to what never goes."""
    return ForeignKeyConstraint([column], [target], info={HELD_BY_TRIGGERS: True}).ddl_if(dialect="none")


class Base(DeclarativeBase):
    """Common settings: constraint names that migrations can rely on, instants with a time zone."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this name
        datetime: DateTime(timezone=True),
        Json: JSONB,
        list[Any]: JSONB,
        list[Json]: JSONB,
    }


class Word(TypeDecorator[StrEnum]):
    """A StrEnum kept as text, so that a new state needs no ALTER TYPE; a CHECK lives in the migration."""

    impl = String
    cache_ok = True

    def __init__(self, enum: type[StrEnum]) -> None:
        super().__init__(24)
        self.enum = enum
        self._members = {member.value: member for member in enum}

    @override
    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        """Refuse a word that the enum does not know before it reaches the database."""
        return None if value is None else self.enum(value).value

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Return the enum's member; a word that it does not know raises ValueError."""
        return None if value is None else self._members.get(value) or self.enum(value)
