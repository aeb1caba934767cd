"""Thousands of rows are few statements, whatever stands in them."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from booking.base import arrays
from booking.base.arrays import insert_rows
from booking.models.base import Word
from booking.models.states import Pool


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
