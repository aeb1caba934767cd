"""What a wish's form alone can get wrong, and the limits on asking; for one of its steps or for all."""

from collections.abc import Collection, Sequence
from uuid import UUID

from booking.country.core.attempts import Charge, about
from booking.country.core.core import Core
from booking.country.core.origin import Origin
from booking.country.packs.quotas import LimitSpec
from booking.people.identity.levels import require_level, to_ask
from booking.platform.base.errors import FieldError, PhoneNotConfirmedError
from booking.platform.base.fields import raise_all
from booking.scheduling.requests.asking.background import live_turns
from booking.scheduling.requests.asking.form_rows import Asking, FormRows, read_form_rows
from booking.scheduling.requests.asking.screen import none_is_live
from booking.scheduling.requests.check_prerequisites import check_asking
from booking.scheduling.requests.wish import Checked, Wish, wish_errors


def check_answers(core: Core, *, account_id: UUID, wish: Wish, fields: Collection[str]) -> None:
    """Check some answers of a wish that is not complete yet, by the rules that judge it in the end.

    Parameters
    ----------
    fields
        Names of the wish's fields that have been answered; what is wrong with others is not said yet.

    Raises
    ------
    InvalidInputError
        Something in these fields is unusable; all of it is listed.
    booking.people.identity.errors.IdentityLevelError
        Somebody has to be proven first, by the service's file; with "people".
    AlreadyLiveError
        One of the people has a live request in the service's group; with "people".
    booking.people.prerequisites.errors.PrerequisiteMissingError
        Somebody lacks what must be there when asking; with "people".
    AccountLeftError
        The account is not there any more; with "people".
    """
    with core.sessions() as session:
        limits = core.gate_policies.active(session).of_wishes
        rows = read_form_rows(session, [(account_id, wish)])
        raise_all([one for one in _form_errors(core, rows, wish, limits) if one.field in fields])
        if "people" in fields and all(one.service in rows.services for one in wish.services):
            checked = _checked(rows, account_id, wish)
            _require_levels(checked)
            none_is_live(live_turns(session, checked.members), checked)
            check_asking(session, core, checked, wish.door)


def check_form(core: Core, rows: FormRows, asking: Asking, *, limits: LimitSpec) -> Checked:
    """Check all that the form alone can get wrong.

    Parameters
    ----------
    limits
        What the active quota policy says of wishes.

    Raises
    ------
    InvalidInputError
        Something in the form is unusable; all of it is listed.
    PhoneNotConfirmedError
        The account's phone is not confirmed.
    booking.people.identity.errors.IdentityLevelError
        Somebody has to be proven first, by the service's file.
    NotFoundError
        There is no such service.
    AccountLeftError
        The account is not there any more.
    """
    account, wish = rows.account(asking.account_id), asking.wish
    if account.phone_confirmed_at is None:
        raise PhoneNotConfirmedError
    raise_all(_form_errors(core, rows, wish, limits))
    checked = _checked(rows, account.id, wish)
    if not asking.seen:
        _require_levels(checked)
    return checked


def _checked(rows: FormRows, account_id: UUID, wish: Wish) -> Checked:
    members = rows.members(account_id, wish.everyone)
    errands = rows.errands(account_id, wish)
    return Checked(rows.account(account_id), members, errands, list(rows.ranked(wish).values()))


def _require_levels(checked: Checked) -> None:
    for errand in checked.errands:
        require_level(errand.members, to_ask(errand.service))


def _form_errors(core: Core, rows: FormRows, wish: Wish, limits: LimitSpec) -> list[FieldError]:
    return wish_errors(
        wish,
        services=rows.services,
        offices=rows.ranked(wish),
        country=core.pack.country,
        limits=limits,
        today=core.today(),
    )


def charges_of(
    core: Core, action: str, checked: Checked, origin: Origin, phones_before: Sequence[bytes]
) -> list[Charge]:
    """Return what a request is charged: for phones that its account had, and last for all of its own subjects."""
    account, person = checked.account, checked.members[0].person_id
    asker = origin.helper or account.id
    subjects = origin.subjects(account=str(asker), person=about(asker, str(person)), phone=account.phone_hash.hex())
    helper = account.registered_helper or origin.helper is not None
    before = [Charge(core, action, {"phone": phone.hex()}, helper) for phone in phones_before]
    return [*before, Charge(core, action, subjects, helper)]
