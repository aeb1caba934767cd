"""The steps of a version's life: propose, put in shadow, activate, give up, bring back.

Each is one transaction, one row of `booking.platform.models.VersionStep` and one audit entry. What the database itself
holds is said at `ApprovedVersion`; how the kinds differ, at `Kind`.
"""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from booking.country.core import audit
from booking.country.core.core import Core
from booking.country.core.four_eyes import may_be_second
from booking.country.core.permissions import require
from booking.country.versions.kind import Kind, Row, Step, StepName
from booking.country.versions.rows import before_active, change_versions
from booking.platform.base.errors import IllegalMoveError, NotFoundError, SecondPersonNeededError
from booking.platform.models import Account, VersionStep
from booking.platform.models.base import Json
from booking.platform.models.policies.policy import ApprovedVersion
from booking.platform.models.states import VersionState, checked_move

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
