"""Exceptions from rules for one person, device, phone, account or helper: granted by staff, with reason and end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, any_, bindparam, or_, select
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, may_be_second, refuse_own_exception, refuse_own_request, require
from booking.country.core.security import Origin
from booking.platform.base.errors import FieldError, InvalidInputError, NotFoundError, SecondPersonNeededError
from booking.platform.base.vault import Vault
from booking.platform.models import Account, Person, Request, RequestMember, RuleException, RuleSetVersion
from fraud.rules.rule_set import ALL_RULES, parse_rules

LONGEST: Final = timedelta(days=366)
LONGEST_REASON: Final = 300
_ABOUT_ACCOUNT: Final = "account"


class Subject(StrEnum):
    """The person or thing that an exception is for; *helper* is an account, while it is a registered helper."""

    PERSON = "person"
    DEVICE = "device"
    PHONE = "phone"
    ACCOUNT = "account"
    HELPER = "helper"


_VALID: Final = (
    select(RuleException.kind, RuleException.subject, RuleException.rule)
    .where(
        RuleException.subject == any_(bindparam("subjects", type_=ARRAY(LargeBinary))),
        RuleException.granted_at <= bindparam("now"),
        RuleException.expires_at > bindparam("now"),
        or_(RuleException.revoked_at.is_(None), RuleException.revoked_at > bindparam("now")),
        or_(RuleException.rule != ALL_RULES, RuleException.approved_at <= bindparam("now")),
    )
    .order_by(RuleException.rule)
)


@dataclass(frozen=True, slots=True)
class Granted:
    """An exception as staff see it; ``id`` approves and revokes it. ``waits``: it holds once another approves it."""

    id: UUID
    kind: Subject
    rule: str
    reason: str
    granted_by: str
    granted_at: datetime
    expires_at: datetime
    waits: bool


def rules_excepted(
    session: Session, vault: Vault, *, account: Account, people: Sequence[Person], origin: Origin, now: datetime
) -> frozenset[str]:
    """Return the names of the rules that do not apply to a request, as the gate takes them."""
    return rules_excepted_each(session, [subjects_of(vault, account, people, origin)], now)[0]


def subjects_of(vault: Vault, account: Account, people: Sequence[Person], origin: Origin) -> set[tuple[str, bytes]]:
    """Return who and what a request could have an exception for: kinds with keyed hashes."""
    own = vault.lookup_hash(str(account.id), _ABOUT_ACCOUNT)
    kinds = {(Subject.PERSON.value, person.national_number_hash) for person in people}
    kinds |= {
        (Subject.DEVICE.value, origin.device_hash(vault)),
        (Subject.PHONE.value, account.phone_hash),
        (Subject.ACCOUNT.value, own),
    }
    if account.registered_helper:
        kinds.add((Subject.HELPER.value, own))
    return {(kind, subject) for kind, subject in kinds if subject}


def rules_excepted_each(
    session: Session, asked: Sequence[set[tuple[str, bytes]]], now: datetime
) -> list[frozenset[str]]:
    """Return what `rules_excepted` does for each of several requests, given their subjects."""
    subjects = sorted({subject for kinds in asked for _, subject in kinds})
    valid = session.execute(_VALID, {"subjects": subjects, "now": now}).all()
    return [frozenset(row.rule for row in valid if (row.kind, row.subject) in kinds) for kinds in asked]


def grant(
    core: Core, *, by: str, reference: str, subject: Subject, rule: str, reason: str, until: datetime, person: int = 1
) -> UUID:
    """Except the subject of a request from one rule, or from all of them: that holds once another person approves it.

    Parameters
    ----------
    by
        User name of an analyst or administrator.
    reference
        A request: its person, device, phone or account is excepted, and nobody has to type who that is.
    rule
        The name of a rule of the active set, or ``ALL_RULES``.
    person
        Which person of the request, from 1, where the subject is a person.

    Raises
    ------
    ForbiddenError
        ``by`` is not an analyst or administrator.
    OwnCaseError
        The request is of their own person, household or phone.
    NotFoundError
        There is no such request, or it has no such person or device.
    InvalidInputError
        The reason is missing or too long, the end is past or more than a year ahead, the rule is unknown.
    """
    reason, now = reason.strip(), core.clock.now()
    with core.sessions.begin() as session:
        staff = _staff(session, by)
        errors = []
        if not reason or len(reason) > LONGEST_REASON:
            errors.append(FieldError("reason", "too_long" if reason else "missing", most=LONGEST_REASON))
        if not now < until <= now + LONGEST:
            errors.append(FieldError("until", "past_day" if until <= now else "too_far"))
        if rule != ALL_RULES and rule not in _active_rules(session):
            errors.append(FieldError("rule", "unknown_rule"))
        if errors:
            raise InvalidInputError(errors)
        row = RuleException(
            kind=subject.value,
            subject=_hash_of(session, core.vault, staff.id, reference, subject, person),
            rule=rule,
            reason=reason,
            granted_by=staff.id,
            granted_at=now,
            expires_at=until,
        )
        session.add(row)
        session.flush()
        details = {"kind": row.kind, "rule": rule, "until": until.isoformat(), "reason": reason, "from": reference}
        audit.record(session, core, staff, "exception.granted", str(row.id), **details)
        return row.id


def approve(core: Core, *, by: str, exception_id: UUID) -> None:
    """Let an exception from all rules hold, as another person than who granted it.

    Raises
    ------
    ForbiddenError
        ``by`` is not an analyst or administrator.
    SecondPersonNeededError
        The person ``by`` granted it, with this account or another one.
    OwnCaseError
        The exception is of their own person, household or phone.
    NotFoundError
        There is no such exception that waits for an approval.
    """
    now = core.clock.now()
    with core.sessions.begin() as session:
        staff = _staff(session, by)
        row = session.get(RuleException, exception_id, with_for_update=True)
        if row is None or not row.waits(now):
            raise NotFoundError
        if not may_be_second(session, core, staff.id, row.granted_by):
            raise SecondPersonNeededError
        refuse_own_exception(session, staff.id, row.subject)
        row.approved_by, row.approved_at = staff.id, now
        audit.record(session, core, staff, "exception.approved", str(row.id), kind=row.kind, rule=row.rule)


def revoke(core: Core, *, by: str, exception_id: UUID, reason: str) -> None:
    """End an exception before its time; raises ForbiddenError, NotFoundError, InvalidInputError (no reason)."""
    now = core.clock.now()
    if not reason.strip():
        raise InvalidInputError([FieldError("reason", "missing")])
    with core.sessions.begin() as session:
        staff = _staff(session, by)
        row = session.get(RuleException, exception_id, with_for_update=True)
        if row is None or row.revoked_at is not None:
            raise NotFoundError
        row.revoked_at = now
        audit.record(session, core, staff, "exception.revoked", str(row.id), reason=reason.strip())


def valid_exceptions(core: Core) -> list[Granted]:
    """List the exceptions that hold now or wait for their approval, those that end first before the others."""
    now = core.clock.now()
    with core.sessions() as session:
        rows = session.execute(
            select(RuleException, Account.username)
            .join(Account, Account.id == RuleException.granted_by)
            .where(RuleException.revoked_at.is_(None), RuleException.expires_at > now)
            .order_by(RuleException.expires_at)
        ).all()
    return [
        Granted(
            row.id, Subject(row.kind), row.rule, row.reason, by, row.granted_at, row.expires_at, waits=row.waits(now)
        )
        for row, by in rows
    ]


def _staff(session: Session, username: str) -> Account:
    account = session.scalar(select(Account).where(Account.username == username.casefold()))
    return require(account, Permission.GRANT_EXCEPTIONS)


def _active_rules(session: Session) -> frozenset[str]:
    source = session.scalar(select(RuleSetVersion.source).where(RuleSetVersion.active))
    return frozenset(rule.name for rule in parse_rules(source or "").rules)


def _hash_of(session: Session, vault: Vault, by: UUID, reference: str, subject: Subject, person: int) -> bytes:
    request = session.scalar(select(Request).where(Request.reference == reference))
    if request is None:
        raise NotFoundError
    refuse_own_request(session, by, request.id)
    if subject is Subject.DEVICE:
        found: bytes | None = request.device_hash
    elif subject is Subject.PHONE:
        found = request.phone_hash
    elif subject is Subject.PERSON:
        found = session.scalar(
            select(Person.national_number_hash)
            .join(RequestMember, RequestMember.person_id == Person.id)
            .where(RequestMember.request_id == request.id, RequestMember.position == person - 1)
        )
    else:
        found = vault.lookup_hash(str(request.account_id), _ABOUT_ACCOUNT)
    if not found:
        raise NotFoundError
    return found
