"""The post desk of a consulate: take posted papers in, send them back. It sees no name and no answer.

The code on the cover sheet of posted papers: which case they belong to and where they go; it names nobody.

Layout, big-endian: version (1 byte), reference (9 ASCII), office (4), Ed25519 signature (64; RFC 8032). Written in
base 32 without padding, which QR keeps in its alphanumeric mode. The key is not that of passes or results.
"""

import re
import struct
from base64 import b32decode, b32encode
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from sqlalchemy import select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, refuse_own_online_case, require
from booking.country.core.messages import tell
from booking.country.packs.fields import OriginalSpec
from booking.eservices.online.officers import ONLINE
from booking.eservices.online.originals import enter_with_originals, originals_rule
from booking.eservices.online.rows import case_spec, locked_case
from booking.people.hands.handling import record
from booking.platform.base.errors import FieldError, IllegalMoveError, InvalidInputError, NotFoundError
from booking.platform.base.references import read_reference
from booking.platform.base.vault import Vault
from booking.platform.models import Account, CaseOriginals, Office, OnlineCase
from booking.platform.models.online.case import OnlineState, OriginalsState, PaperWay

_FORM: Final = struct.Struct(">B9sI")
_VERSION: Final = 1
SIZE: Final = 125
"""Characters of a code."""
PURPOSE: Final = "cover sheet signature"


class ForgedSheetError(Exception):
    """The text is not a code of a cover sheet: damaged, of another version, or not signed by this country."""


def sign_sheet(vault: Vault, reference: str, office_id: int) -> str:
    """Write and sign the code of a cover sheet."""
    body = _FORM.pack(_VERSION, reference.encode("ascii"), office_id)
    return b32encode(body + vault.signing_key(PURPOSE).sign(body)).decode().rstrip("=")


def read_sheet(vault: Vault, text: str) -> tuple[str, int]:
    """Read a code back to its reference and office; raises ForgedSheetError."""
    try:
        if len(text) != SIZE:
            raise ForgedSheetError("of another length")
        data = b32decode(text + "=" * (-len(text) % 8))
        body, signature = data[: _FORM.size], data[_FORM.size :]
        if b32encode(data).decode().rstrip("=") != text:
            raise ForgedSheetError("written in another way than it was signed")
        vault.verifier(PURPOSE).verify(signature, body)
        version, reference, office_id = _FORM.unpack(body)
        if version != _VERSION:
            raise ForgedSheetError(f"codes of version {version} are not known")
        return reference.decode("ascii"), office_id
    except (ValueError, struct.error, InvalidSignature) as error:
        raise ForgedSheetError("this is no valid code") from error


MOST_ROWS: Final = 200
SHORTEST_TRACKING: Final = 4
LONGEST_TRACKING: Final = 60
_TRACKING: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./:-]*")
OVER: Final = frozenset(
    {
        OnlineState.ISSUED,
        OnlineState.REFUSED,
        OnlineState.REVOKED,
        OnlineState.EXPIRED,
        OnlineState.WITHDRAWN,
        OnlineState.LAPSED,
    }
)
"""Papers of such a case go back."""


@dataclass(frozen=True, slots=True)
class PostDesk:
    """What a consulate waits for, those that must come first, and what it has to send back."""

    office: Office
    awaited: tuple[CaseOriginals, ...]
    to_send_back: tuple[CaseOriginals, ...]
    today: date


@dataclass(frozen=True, slots=True)
class PostedCase:
    """Posted papers of one case, as the post desk sees them."""

    originals: CaseOriginals
    papers: tuple[OriginalSpec, ...]
    can_arrive: bool
    can_go_back: bool


def post_desk(core: Core, *, officer_id: UUID) -> PostDesk:
    """List what the officer's own consulate waits for and has to send back; raises ForbiddenError."""
    with core.sessions() as session:
        officer = require(session.get(Account, officer_id), Permission.HANDLE_POST)
        statement = (
            select(CaseOriginals)
            .join(OnlineCase, OnlineCase.id == CaseOriginals.case_id)
            .where(CaseOriginals.office_id == officer.office_id)
            .order_by(CaseOriginals.last_day, OnlineCase.reference)
            .limit(MOST_ROWS)
        )
        return PostDesk(
            office=session.get_one(Office, officer.office_id),
            awaited=tuple(session.scalars(statement.where(CaseOriginals.state == OriginalsState.AWAITED))),
            to_send_back=tuple(
                session.scalars(
                    statement.where(CaseOriginals.state == OriginalsState.ARRIVED, OnlineCase.state.in_(OVER))
                )
            ),
            today=core.today(),
        )


def find_posted(core: Core, *, officer_id: UUID, typed: str) -> str:
    """Read what was scanned from a cover sheet, or a typed reference; return the stored reference.

    Raises
    ------
    InvalidInputError
        ``code``: unreadable, forged, of no case by post, or of another consulate.
    ForbiddenError
        The account handles no post.
    """
    text = "".join(typed.split())
    with core.sessions() as session:
        officer = require(session.get(Account, officer_id), Permission.HANDLE_POST)
        reference, office_id = _read(core, text)
        kept = session.scalar(
            select(CaseOriginals)
            .join(OnlineCase, OnlineCase.id == CaseOriginals.case_id)
            .where(OnlineCase.reference == reference, CaseOriginals.way == PaperWay.POST)
        )
        if kept is None or kept.state is OriginalsState.CHOSEN:
            raise InvalidInputError([FieldError("code", "no_posted_case")])
        if kept.office_id != officer.office_id or office_id not in {None, kept.office_id}:
            raise InvalidInputError([FieldError("code", "other_consulate")])
        return reference


def look_at_posted(core: Core, *, officer_id: UUID, reference: str) -> PostedCase:
    """Return posted papers of one's own consulate; raises ForbiddenError, NotFoundError."""
    with core.sessions() as session:
        case = session.scalar(select(OnlineCase).where(OnlineCase.reference == reference))
        if case is None:
            raise NotFoundError
        kept, _ = _handled(session, officer_id, case)
        rule = originals_rule(case, case_spec(case))
        return PostedCase(
            originals=kept,
            papers=rule.papers if rule else (),
            can_arrive=kept.state is OriginalsState.AWAITED,
            can_go_back=_can_go_back(kept, case),
        )


def register_arrival(core: Core, *, officer_id: UUID, reference: str) -> None:
    """Register that posted papers are here; the case goes to its agency, and its owner is told.

    Raises
    ------
    IllegalMoveError
        They arrived already, or nobody waits for them any more.
    ForbiddenError
        Another consulate waits for them, or the account handles no post.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        There is no such case, or nothing is posted to it.
    """
    with core.sessions.begin() as session:
        case = locked_case(session, reference)
        kept, officer = _handled(session, officer_id, case)
        kept.move_to(OriginalsState.ARRIVED)
        kept.arrived_at = core.clock.now()
        record(ONLINE, session, core, case=case, officer=officer, action="papers_arrived")
        enter_with_originals(session, core, case)


def send_back(core: Core, *, officer_id: UUID, reference: str, tracking: str) -> None:
    """Register that papers of a case that is over were sent back; its owner is told and sees the carrier's number.

    Raises
    ------
    InvalidInputError
        ``tracking``: missing, too short or long, or with characters that no carrier uses.
    IllegalMoveError
        The case is not over, or they went back already.
    ForbiddenError
        Another consulate has them, or the account handles no post.
    OwnCaseError
        The case is of the officer's own person, household or phone.
    NotFoundError
        There is no such case, or nothing is posted to it.
    """
    number = " ".join(tracking.split())
    with core.sessions.begin() as session:
        case = locked_case(session, reference)
        kept, officer = _handled(session, officer_id, case)
        if not _can_go_back(kept, case):
            raise IllegalMoveError(kept.state, OriginalsState.SENT_BACK)
        _check_tracking(number)
        kept.move_to(OriginalsState.SENT_BACK)
        kept.sent_back_at, kept.tracking = core.clock.now(), number
        record(
            ONLINE, session, core, case=case, officer=officer, action="papers_sent_back", details={"tracking": number}
        )
        tell(session, core, case.account_id, "online_sent_back", reference=case.reference)


def _handled(session: Session, officer_id: UUID, case: OnlineCase) -> tuple[CaseOriginals, Account]:
    """Return what is posted to a case, with an officer of that consulate whose own case it is not."""
    kept = session.get(CaseOriginals, case.id)
    office_id = kept.office_id if kept else None
    officer = require(session.get(Account, officer_id), Permission.HANDLE_POST, office_id=office_id)
    refuse_own_online_case(session, officer_id, case)
    if kept is None or kept.way is not PaperWay.POST or kept.state is OriginalsState.CHOSEN:
        raise NotFoundError
    return kept, officer


def _can_go_back(kept: CaseOriginals, case: OnlineCase) -> bool:
    arrived = kept.state is OriginalsState.ARRIVED and case.state in OVER
    return arrived or kept.state is OriginalsState.GIVEN_UP


def _read(core: Core, text: str) -> tuple[str, int | None]:
    if len(text) < SIZE // 2:
        try:
            return read_reference(text), None
        except FieldError as error:
            raise InvalidInputError([FieldError("code", error.reason)]) from None
    try:
        return read_sheet(core.vault, text.upper())
    except ForgedSheetError:
        raise InvalidInputError([FieldError("code", "forged_sheet")]) from None


def _check_tracking(number: str) -> None:
    if not number:
        raise InvalidInputError([FieldError("tracking", "missing")])
    if not SHORTEST_TRACKING <= len(number) <= LONGEST_TRACKING or not _TRACKING.fullmatch(number):
        raise InvalidInputError([FieldError("tracking", "no_tracking", most=LONGEST_TRACKING)])
