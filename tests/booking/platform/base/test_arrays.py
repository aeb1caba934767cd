"""Thousands of rows are few statements, whatever stands in them."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import DateTime, ForeignKey, event, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from booking.platform.base import arrays
from booking.platform.base.arrays import Rows, insert_rows, insert_together
from booking.platform.models.base import Word
from booking.platform.models.states import Pool


class _Base(DeclarativeBase):
    """Tables of this test alone."""


class Note(_Base):
    __tablename__ = "note_of_a_test"
    __table_args__ = {"prefixes": ["TEMPORARY"]}  # noqa: RUF012 - SQLAlchemy reads this name

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    pool: Mapped[Pool | None] = mapped_column(Word(Pool))
    secret: Mapped[bytes | None]
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)
    tries: Mapped[int] = mapped_column(default=7, server_default="3")


def test_rows_with_and_without_values_share_a_statement(core, monkeypatch):
    monkeypatch.setattr(arrays, "AT_ONCE", 8)
    rows = [
        {"id": UUID(int=number), "pool": Pool.DRAW if number % 2 else None, "secret": b"\x00" if number % 3 else None}
        for number in range(9)
    ]
    statements = []
    with core.sessions() as session:
        Note.__table__.create(session.connection())
        event.listen(session.connection(), "before_cursor_execute", lambda *given: statements.append(given[2]))
        insert_rows(session, Note, rows, said={"حرف": [1, None]})
        insert_rows(session, Note, [], said={})
        found = session.scalars(select(Note).order_by(Note.id)).all()
        with pytest.raises(IntegrityError):  # no value of the model's is the same in all rows by mistake
            insert_rows(session, Note, [{"said": {}}])

    assert [{"id": note.id, "pool": note.pool, "secret": note.secret} for note in found] == rows
    assert {(str(note.said), note.tries) for note in found} == {("{'حرف': [1, None]}", 3)}
    assert [statement.split()[0] for statement in statements] == ["INSERT", "INSERT", "SELECT", "INSERT"]


class Line(_Base):
    __tablename__ = "line_of_a_test"
    __table_args__ = {"prefixes": ["TEMPORARY"]}  # noqa: RUF012 - SQLAlchemy reads this name

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[UUID] = mapped_column(ForeignKey("note_of_a_test.id"))
    words: Mapped[str | None]
    number: Mapped[float | None]
    day: Mapped[date | None]
    at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    yes: Mapped[bool | None]


def test_several_tables_are_one_statement_whose_references_hold(core):
    notes = [{"id": UUID(int=number), "said": {"n": number}} for number in range(3)]
    lines = [{"id": number, "note_id": UUID(int=number)} for number in range(3)]
    statements = []
    with core.sessions() as session:
        _Base.metadata.create_all(session.connection())
        event.listen(session.connection(), "before_cursor_execute", lambda *given: statements.append(given[2]))
        insert_together(session, [Rows(Line, lines), Rows(Note, notes), Rows(Line, [])])
        insert_together(session, [Rows(Note, [])])
        kept = session.execute(select(Line.id, Note.said).join(Note).order_by(Line.id)).all()
        with pytest.raises(IntegrityError):
            insert_together(session, [Rows(Line, [{"id": 9, "note_id": UUID(int=9)}]), Rows(Note, [])])

    assert [tuple(row) for row in kept] == [(number, {"n": number}) for number in range(3)]
    assert len(statements) == 3


TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"))
WRITTEN = st.fixed_dictionaries(
    {
        "words": st.none() | TEXT | st.sampled_from(["", "NULL", "null", "{", "a,b", '"', "\\", "\u200f", "\t\n"]),
        "number": st.none() | st.floats(allow_nan=False),
        "day": st.none() | st.dates(),
        "at": st.none() | st.datetimes(datetime(1900, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware
        "yes": st.none() | st.booleans(),
    }
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(WRITTEN, min_size=1, max_size=20), secret=st.none() | st.binary())
def test_what_is_written_is_what_is_read(core, lines, secret):
    note, rows = (
        {"id": UUID(int=1), "said": {}, "secret": secret},
        [one | {"id": number, "note_id": UUID(int=1)} for number, one in enumerate(lines)],
    )
    with core.sessions() as session:
        _Base.metadata.create_all(session.connection())
        insert_together(session, [Rows(Note, [note]), Rows(Line, rows)])
        assert session.scalars(select(Note.secret)).one() == secret
        found = session.execute(select(*(getattr(Line, name) for name in rows[0])).order_by(Line.id)).all()

    assert [row._asdict() for row in found] == rows
