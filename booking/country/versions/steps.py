"""The steps of a version's life: propose, put in shadow, activate, give up, bring back.

Each is one transaction, one row of `booking.platform.models.VersionStep` and one audit entry. What the database itself
holds is said at `ApprovedVersion`; how the kinds differ, at `Kind`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from sqlalchemy import func, select, text, true, tuple_
from sqlalchemy.orm import Session, aliased

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import Permission, may_be_second, require
from booking.platform.base.errors import IllegalMoveError, NotFoundError, SecondPersonNeededError
from booking.platform.models import Account, VersionStep
from booking.platform.models.base import Json
from booking.platform.models.policies.policy import ApprovedVersion
from booking.platform.models.states import VersionState, checked_move

Row = TypeVar("Row", bound=ApprovedVersion)


class StepName(StrEnum):
    """A step of a version's life, as `booking.platform.models.VersionStep` and the audit log name it."""

    PROPOSED = "proposed"
    SHADOW = "shadow"
    RETIRED = "retired"
    ACTIVATED = "activated"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class Step(Generic[Row]):
    """A step that an analyst takes with a version, inside the caller's transaction.

    ``anyway`` says that they know what the kind objects to and take the step all the same. ``before`` is the version
    that decided until this one was activated.
    """

    session: Session
    core: Core
    name: StepName
    row: Row
    by: Account
    anyway: bool = False
    before: Row | None = None


def _nothing(_step: Step[Any]) -> Json:
    return {}


@dataclass(frozen=True, slots=True)
class Kind(Generic[Row]):
    """A kind of versioned policy.

    Attributes
    ----------
    name
        Stands in `booking.platform.models.VersionStep`; the audit log has ``<name>.<step>``.
    model, moves
        The table of its versions and their life cycle.
    check
        Called before a shadow, an activation or a rollback: raises to refuse it, or returns details for the record.
    proposed
        What follows from a proposal.
    activated
        What follows from an activation or a rollback; returns details for the record.
    permission
        What an account needs to take any step.
    """

    name: str
    model: type[Row]
    moves: Mapping[VersionState, frozenset[VersionState]]
    check: Callable[[Step[Row]], Json] = _nothing
    proposed: Callable[[Step[Row]], object] = _nothing
    activated: Callable[[Step[Row]], Json] = _nothing
    permission: Permission = Permission.CHANGE_POLICIES


_LOCK: Final = 0x6D617769645F76


def change_versions(session: Session) -> None:
    """Wait, until commit, for anyone else who changes versions; what is read afterwards is what they left.

    Without it two activations at once would meet in the index of the active version, and one would fail.
    """
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def before_active(session: Session, model: type[Row], to: int | None = None) -> Row | None:
    """Return the version that a rollback would bring back: the last one in force before the active one, or ``to``."""
    active = session.scalar(select(model).where(model.active))
    order = tuple_(model.activated_at, model.version)
    earlier = true() if active is None else order < (active.activated_at, active.version)
    return session.scalar(
        select(model)
        .where(
            model.state == VersionState.RETIRED,
            model.activated_at.is_not(None),
            earlier if to is None else model.version == to,
        )
        .order_by(order.desc())
        .limit(1)
    )


def steps_of(session: Session, kind: str, version: int) -> list[tuple[VersionStep, str]]:
    """Return the steps of a version in their order, each with the user name of who made it."""
    found = session.execute(
        select(VersionStep, Account.username)
        .join(Account, Account.id == VersionStep.account_id)
        .where(VersionStep.kind == kind, VersionStep.version == version)
        .order_by(VersionStep.at, VersionStep.id)
    )
    return [(row[0], row[1]) for row in found]


def list_versions(session: Session, model: type[Row]) -> list[tuple[Row, str | None, str | None]]:
    """Return all versions, the latest first, with the user names of who proposed and who activated each."""
    author, colleague = aliased(Account), aliased(Account)
    found = session.execute(
        select(model, author.username, colleague.username)
        .outerjoin(author, author.id == model.created_by)
        .outerjoin(colleague, colleague.id == model.activated_by)
        .order_by(model.version.desc())
    )
    return [(row[0], row[1], row[2]) for row in found]


SYSTEM: Final = "system"


@dataclass(frozen=True, slots=True)
class Done:
    """A version that decides now, with the details that the record keeps of it."""

    version: int
    details: Json


def begin(core: Core, kind: Kind[Row], row: Row, *, details: Json) -> int:
    """Make the very first version active where there is none yet, as the system; return the active version.

    Raises
    ------
    SecondPersonNeededError
        There are versions, and none is active.
    """
    now = core.clock.now()
    with core.sessions.begin() as session:
        change_versions(session)
        active = session.scalar(select(kind.model.version).where(kind.model.active))
        if active is not None:
            return active
        if next_version(session, kind.model) > 1:
            raise SecondPersonNeededError
        row.version, row.state, row.active, row.bootstrap = 1, VersionState.ACTIVE, True, True
        row.created_at = row.activated_at = now
        session.add(row)
        action, about = f"{kind.name}.{StepName.ACTIVATED}", details | {"bootstrap": True}
        audit.append(session, at=now, actor=SYSTEM, action=action, subject="1", details=about)
        for answer in core.hooks.version_activated:
            answer(session, core, row)
    return 1


def any_version(core: Core, kind: Kind[Row]) -> bool:
    """Return whether there is any version of a kind yet, whatever its state."""
    with core.sessions() as session:
        return next_version(session, kind.model) > 1


def next_version(session: Session, model: type[ApprovedVersion]) -> int:
    """Return the number of the next version; only who holds `change_versions` can use it."""
    return (session.scalar(select(func.max(model.version))) or 0) + 1


def propose_in(
    session: Session, core: Core, kind: Kind[Row], row: Row, *, by: UUID, details: Json, reason: str = ""
) -> int:
    """Keep a new row as a draft version; return its number.

    Raises
    ------
    ForbiddenError
        ``by`` may not change policies.
    """
    analyst = _entered(session, kind, by)
    row.version = next_version(session, kind.model)
    row.state, row.active, row.bootstrap = VersionState.DRAFT, False, False
    row.created_at, row.created_by = core.clock.now(), by
    session.add(row)
    session.flush()
    step = Step(session, core, StepName.PROPOSED, row, analyst)
    _record(kind, step, details, reason)
    kind.proposed(step)
    return row.version


def propose(core: Core, kind: Kind[Row], row: Row, *, by: UUID, details: Json, reason: str = "") -> int:
    """Keep a new row as a draft version; return its number. See `propose_in`."""
    with core.sessions.begin() as session:
        return propose_in(session, core, kind, row, by=by, details=details, reason=reason)


def start_shadow_in(session: Session, core: Core, kind: Kind[Row], *, version: int, by: UUID, reason: str = "") -> None:
    """Let a draft judge live requests beside the active version; it decides nothing. What was in shadow is retired.

    Raises
    ------
    ForbiddenError
        ``by`` may not change policies.
    NotFoundError
        There is no such version.
    IllegalMoveError
        It is not a draft, or its kind has no shadow.
    MawidError
        The kind's own check refuses it.
    """
    analyst = _entered(session, kind, by)
    step = Step(session, core, StepName.SHADOW, _found(session, kind, version), analyst)
    checked_move(kind.moves, step.row.state, VersionState.SHADOW)
    details = kind.check(step)
    _retire_the_one(session, kind, VersionState.SHADOW)
    _move(kind, step.row, VersionState.SHADOW)
    _record(kind, step, details, reason)


def start_shadow(core: Core, kind: Kind[Row], *, version: int, by: UUID, reason: str = "") -> None:
    """Let a draft judge live requests beside the active version. See `start_shadow_in`."""
    with core.sessions.begin() as session:
        start_shadow_in(session, core, kind, version=version, by=by, reason=reason)


def retire_in(session: Session, core: Core, kind: Kind[Row], *, version: int, by: UUID, reason: str = "") -> None:
    """Give a draft up, or end a shadow; it never decided and never will.

    Raises
    ------
    ForbiddenError
        ``by`` may not change policies.
    NotFoundError
        There is no such version.
    IllegalMoveError
        It decides, or was retired before.
    """
    analyst = _entered(session, kind, by)
    row = _found(session, kind, version)
    if row.state is VersionState.ACTIVE:
        raise IllegalMoveError(row.state, VersionState.RETIRED)  # something must decide at any time
    _move(kind, row, VersionState.RETIRED)
    _record(kind, Step(session, core, StepName.RETIRED, row, analyst), {}, reason)


def retire(core: Core, kind: Kind[Row], *, version: int, by: UUID, reason: str = "") -> None:
    """Give a draft up, or end a shadow. See `retire_in`."""
    with core.sessions.begin() as session:
        retire_in(session, core, kind, version=version, by=by, reason=reason)


def activate_in(
    session: Session, core: Core, kind: Kind[Row], *, version: int, by: UUID, reason: str = "", anyway: bool = False
) -> Done:
    """Make a version decide; the one before is retired.

    Parameters
    ----------
    anyway
        Do it although the kind objects, where it lets a person overrule it.

    Raises
    ------
    ForbiddenError
        ``by`` may not change policies.
    NotFoundError
        There is no such version, or it is retired: then only a rollback brings it back.
    IllegalMoveError
        It is not ready, or decides already.
    SecondPersonNeededError
        The person ``by`` proposed this version, with this account or another one, or nobody did.
    MawidError
        The kind's own check refuses it; the old version stays active.
    """
    analyst = _entered(session, kind, by)
    row = _found(session, kind, version)
    if row.state is VersionState.RETIRED:
        raise NotFoundError
    return _put_in_force(kind, Step(session, core, StepName.ACTIVATED, row, analyst, anyway), reason)


def activate(core: Core, kind: Kind[Row], *, version: int, by: UUID, reason: str = "", anyway: bool = False) -> Done:
    """Make a version decide. See `activate_in`."""
    with core.sessions.begin() as session:
        return activate_in(session, core, kind, version=version, by=by, reason=reason, anyway=anyway)


def roll_back_in(
    session: Session,
    core: Core,
    kind: Kind[Row],
    *,
    by: UUID,
    to: int | None = None,
    reason: str = "",
    anyway: bool = False,
) -> Done:
    """Bring back a version that was active before.

    By default the one that was first put in force just before the active one was: going back twice goes back two steps,
    never forth again. The rule of two people holds for it too: ``by`` must not have proposed it.

    Raises
    ------
    ForbiddenError
        ``by`` may not change policies.
    NotFoundError
        Nothing, or not ``to``, was active before.
    SecondPersonNeededError
        The person ``by`` proposed that version.
    MawidError
        The kind's own check refuses it; the version that decides stays active.
    """
    analyst = _entered(session, kind, by)
    row = before_active(session, kind.model, to)
    if row is None:
        raise NotFoundError
    return _put_in_force(kind, Step(session, core, StepName.ROLLED_BACK, row, analyst, anyway), reason)


def roll_back(
    core: Core, kind: Kind[Row], *, by: UUID, to: int | None = None, reason: str = "", anyway: bool = False
) -> Done:
    """Bring back a version that was active before. See `roll_back_in`."""
    with core.sessions.begin() as session:
        return roll_back_in(session, core, kind, by=by, to=to, reason=reason, anyway=anyway)


def _put_in_force(kind: Kind[Row], step: Step[Row], reason: str) -> Done:
    row = step.row
    checked_move(kind.moves, row.state, VersionState.ACTIVE)
    nobody_proposed = row.created_by is None and row.activated_at is None
    if nobody_proposed or not may_be_second(step.session, step.core, step.by.id, row.created_by):
        raise SecondPersonNeededError
    checked = kind.check(step)
    before = _retire_the_one(step.session, kind, VersionState.ACTIVE)
    _move(kind, row, VersionState.ACTIVE)
    if row.activated_at is None:  # a rollback keeps its place in the order; the log has who rolled back
        row.activated_at, row.activated_by = step.core.clock.now(), step.by.id
    followed = kind.activated(replace(step, before=before))
    about: Json = {"before": None if before is None else before.version, "proposed_by": str(row.created_by or "")}
    details = about | checked | followed
    _record(kind, step, details, reason)
    for answer in step.core.hooks.version_activated:
        answer(step.session, step.core, row)
    return Done(row.version, details)


def _entered(session: Session, kind: Kind[Row], by: UUID) -> Account:
    """Wait for anyone else who changes versions, and return the analyst."""
    change_versions(session)
    return require(session.get(Account, by), kind.permission)


def _found(session: Session, kind: Kind[Row], version: int) -> Row:
    row = session.get(kind.model, version)
    if row is None:
        raise NotFoundError
    return row


def _retire_the_one(session: Session, kind: Kind[Row], state: VersionState) -> Row | None:
    """Retire the version that decides, or is in shadow, before another one takes its place."""
    before = session.scalar(select(kind.model).where(kind.model.state == state))
    if before is not None:
        _move(kind, before, VersionState.RETIRED)
        session.flush()
    return before


def _move(kind: Kind[Row], row: Row, state: VersionState) -> None:
    row.state, row.active = checked_move(kind.moves, row.state, state), state is VersionState.ACTIVE


def _record(kind: Kind[Row], step: Step[Row], details: Json, reason: str) -> None:
    """Keep a step and its reason where analysts read them, and in the audit log."""
    now, who, version, name = step.core.clock.now(), step.by, step.row.version, step.name.value
    step.session.add(VersionStep(kind=kind.name, version=version, step=name, at=now, account_id=who.id, reason=reason))
    said = {"reason": reason} if reason else {}
    audit.record(step.session, step.core, who, f"{kind.name}.{name}", str(version), **details, **said)


@dataclass(frozen=True, slots=True)
class VersionLine(Generic[Row]):
    """A version with the user names of who proposed and who activated it; None for the system."""

    row: Row
    author: str | None
    colleague: str | None


@dataclass(frozen=True, slots=True)
class Versions(Generic[Row]):
    """All versions of a kind, the latest first; ``back_to`` is what a rollback would bring back."""

    lines: list[VersionLine[Row]]
    back_to: int | None

    @property
    def active(self) -> VersionLine[Row] | None:
        """The version that decides."""
        return next((line for line in self.lines if line.row.active), None)

    def line(self, version: int) -> VersionLine[Row]:
        """Return one of them; raises NotFoundError."""
        found = next((line for line in self.lines if line.row.version == version), None)
        if found is None:
            raise NotFoundError
        return found


def read_versions(core: Core, kind: Kind[Row]) -> Versions[Row]:
    """List the versions of a kind."""
    with core.sessions() as session:
        lines = [VersionLine(*found) for found in list_versions(session, kind.model)]
        back_to = before_active(session, kind.model)
        return Versions(lines, None if back_to is None else back_to.version)


def read_steps(core: Core, kind: Kind[Any], version: int) -> list[tuple[VersionStep, str]]:
    """Return the steps of a version, each with the user name of who made it."""
    with core.sessions() as session:
        return steps_of(session, kind.name, version)
