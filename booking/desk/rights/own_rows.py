"""The rows of each table that are of one account, as its owner may have them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.register import read_address, read_national_number, read_phone
from booking.desk.rights.tables import tables
from booking.eservices.online.issue import read_content
from booking.eservices.online.rows import acts_no_more, read_answers_of
from booking.platform.models import (
    Appointment,
    Base,
    Consent,
    Draw,
    Helper,
    HouseholdMember,
    Message,
    Office,
    OnlineCase,
    Request,
    Service,
    UrgentRequest,
)
from booking.platform.models.base import Json
from fraud.reasons import for_the_person

OWNS: Final[Mapping[str, Callable[[UUID], Any]]] = {
    "account_id": lambda account_id: [account_id],
    "request_id": lambda account_id: select(Request.id).where(Request.account_id == account_id),
    "appointment_id": lambda account_id: (
        select(Appointment.id).join(Appointment.request).where(Request.account_id == account_id)
    ),
    "urgent_request_id": lambda account_id: select(UrgentRequest.id).where(UrgentRequest.account_id == account_id),
    "case_id": lambda account_id: select(OnlineCase.id).where(OnlineCase.account_id == account_id),
    "message_id": lambda account_id: select(Message.id).where(Message.account_id == account_id),
    "consent_id": lambda account_id: select(Consent.id).where(Consent.account_id == account_id),
    "helper_id": lambda account_id: select(Helper.id).where(Helper.account_id == account_id),
}
"""What of an account a column can name, in the order in which a table's columns are looked at."""

OTHERWISE: Final[Mapping[str, str]] = {"outcome_correction": "appointment_id"}
"""Tables whose ``account_id`` is somebody else's: who worked on it."""

_LINKS: Final[Mapping[str, Any]] = {
    "request": (Request.id, Request.reference),
    "appointment": (Appointment.id, Appointment.reference),
    "urgent_request": (UrgentRequest.id, UrgentRequest.reference),
    "online_case": (OnlineCase.id, OnlineCase.reference),
    "office": (Office.id, Office.code),
    "service": (Service.id, Service.code),
    "draw": (Draw.id, Draw.reference),
}
_OF_ONE_ACCOUNT: Final = {"request": "request_id", "appointment": "appointment_id"} | {
    "urgent_request": "urgent_request_id",
    "online_case": "case_id",
}


@dataclass
class OwnRows:
    """Reads what is kept of one account; encrypted columns are opened, keys of others become what people know."""

    session: Session
    core: Core
    account_id: UUID

    def read(self, name: str) -> list[Json]:
        """Return the rows of a copied table, with its copied columns in their order."""
        table = Base.metadata.tables[name]
        rows = self.session.execute(select(table).where(self._own(table)).order_by(*table.primary_key))
        return [self._row(table, row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it

    def _own(self, table: Table) -> ColumnElement[bool]:
        if table.name == "account":
            return table.c.id == self.account_id
        if table.name == "person":
            mine = select(HouseholdMember.person_id).where(HouseholdMember.account_id == self.account_id)
            return table.c.id.in_(mine)
        if table.name == "issued_result":
            mine = select(OnlineCase.id).where(OnlineCase.account_id == self.account_id, ~acts_no_more())
            return table.c.case_id.in_(mine)
        name = OTHERWISE.get(table.name) or next(name for name in OWNS if name in table.c)
        return table.c[name].in_(OWNS[name](self.account_id))

    def _row(self, table: Table, row: Mapping[Any, Any]) -> Json:
        return dict(self._cell(table, row, name) for name in tables()[table.name].copied)

    def _cell(self, table: Table, row: Mapping[Any, Any], name: str) -> tuple[str, Any]:
        opened, value = _OPENED.get((table.name, name)), row[name]
        if opened is not None:
            return opened[0], opened[1](self.core, row) if value is not None else None
        target = next((key.column.table.name for key in table.c[name].foreign_keys), "")
        if target == "person" and value is not None:
            return "person", self._names.get(value, "")
        if target in _LINKS and value is not None:
            return name.removesuffix("_id"), self._links(target).get(value, "")
        return name.removesuffix("_id"), plain(value)

    @cached_property
    def _names(self) -> Mapping[UUID, str]:
        mine = select(HouseholdMember.person_id, HouseholdMember.name)
        return dict(self.session.execute(mine.where(HouseholdMember.account_id == self.account_id)).all())

    @cached_property
    def _known(self) -> dict[str, Mapping[Any, str]]:
        return {}

    def _links(self, target: str) -> Mapping[Any, str]:
        if target not in self._known:
            key, words = _LINKS[target]
            found = select(key, words)
            if target in _OF_ONE_ACCOUNT:
                found = found.where(key.in_(OWNS[_OF_ONE_ACCOUNT[target]](self.account_id)))
            self._known[target] = dict(self.session.execute(found).all())
        return self._known[target]


def plain(value: Any) -> Any:
    """Return a value as JSON has it: bytes in hexadecimal, times by ISO 8601."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, UUID) else value


class _Case:
    """What reading a case's answers needs of its row."""

    def __init__(self, row: Mapping[Any, Any]) -> None:
        self.id, self.answers = row["id"], row["answers"]


_OPENED: Final[Mapping[tuple[str, str], tuple[str, Callable[[Core, Mapping[Any, Any]], Any]]]] = {
    ("account", "phone_ciphertext"): ("phone", lambda core, row: read_phone(core.vault, row["phone_ciphertext"])),
    ("person", "national_number_ciphertext"): (
        "national_number",
        lambda core, row: read_national_number(core.vault, row["national_number_ciphertext"]),
    ),
    ("contact_channel", "address_ciphertext"): (
        "address",
        lambda core, row: read_address(core.vault, row["address_ciphertext"]),
    ),
    ("online_case", "answers"): ("answers", lambda core, row: read_answers_of(core.vault, _Case(row))),  # type: ignore[arg-type]
    ("issued_result", "content"): (
        "content",
        lambda core, row: asdict(read_content(core.vault, row["id"], row["content"])),
    ),
    ("verdict", "reasons"): ("reasons", lambda _, row: for_the_person(row["reasons"])),
}
"""Columns that are opened, and what the copy calls them."""
