"""How an account is reached: its addresses, what it wants to hear and when, and what was sent."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep, CoreDep, OriginDep, SignedIn, words_of
from api.pages.shared.banners import told
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.show_again import show_again
from booking.country.core.core import Core
from booking.people.reaching.carriers import offered
from booking.people.reaching.choices import (
    Choices,
    add_channel,
    confirm_channel,
    read_choices,
    remove_channel,
    resend_channel_code,
    save_choices,
    waiting_address,
)
from booking.people.reaching.notice_text import SILENCEABLE
from booking.people.reaching.recipients import zones
from booking.platform.base.errors import MawidError, NotFoundError
from booking.platform.base.message_states import Channel

router = APIRouter(prefix="/me/notices")


async def read_channel(channel: str) -> Channel:
    """Read a channel that can be added from the address; raises NotFoundError for anything else."""
    if channel == Channel.SMS or channel not in set(Channel):
        raise NotFoundError
    return Channel(channel)


ChannelDep = Annotated[Channel, Depends(read_channel)]


@router.get("")
def notices(request: Request, account: AccountDep, core: CoreDep) -> Response:
    """Show the account's addresses and choices."""
    return _page(request, core, account)


@router.post("")
def save(request: Request, form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Keep what the account chose."""
    try:
        save_choices(
            core,
            account_id=account.account_id,
            language=form.text("language"),
            first=form.text("first"),
            wanted=form.every("wanted"),
            quiet_from=_hour(form, "quiet_from"),
            quiet_until=_hour(form, "quiet_until"),
            time_zone=form.text("time_zone"),
        )
    except MawidError as error:
        return _page(request, core, account, form, error)
    return told(core.settings, "/me/notices", "notices-saved")


@router.get("/{channel}")
def add_form(request: Request, channel: ChannelDep, _account: AccountDep, core: CoreDep) -> Response:
    """Ask for an address."""
    if channel not in offered(core.settings):
        raise NotFoundError
    return form_page(request, "account/notices_channel.html", channel=channel)


@router.post("/{channel}")
def add_post(
    *, request: Request, channel: ChannelDep, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep
) -> Response:
    """Send a code to the address."""
    with show_again(lambda error: form_page(request, "account/notices_channel.html", form, error, channel=channel)):
        add_channel(core, account_id=account.account_id, channel=channel, address=form.text("address"), origin=origin)
    return RedirectResponse(f"/me/notices/{channel}/confirm", 303)


@router.get("/{channel}/confirm")
def confirm_form(request: Request, channel: ChannelDep, account: AccountDep, core: CoreDep) -> Response:
    """Ask for the code that was sent to the address."""
    return _confirm_page(request, core, account, channel, sent=request.query_params.get("sent") == "1")


@router.post("/{channel}/confirm")
def confirm_post(
    *, request: Request, channel: ChannelDep, form: PostedDep, account: AccountDep, core: CoreDep, origin: OriginDep
) -> Response:
    """Confirm the address, or send another code."""
    again = form.text("again") == "1"
    with show_again(lambda error: _confirm_page(request, core, account, channel, form, error)):
        if again:
            resend_channel_code(core, account_id=account.account_id, channel=channel, origin=origin)
        else:
            confirm_channel(core, account_id=account.account_id, channel=channel, code=form.text("code"))
    if again:
        return RedirectResponse(f"/me/notices/{channel}/confirm?sent=1", 303)
    return told(core.settings, "/me/notices", "channel-confirmed")


@router.get("/{channel}/remove")
def remove_form(request: Request, channel: ChannelDep, _account: AccountDep) -> Response:
    """Ask whether to forget the address."""
    return form_page(request, "account/notices_remove.html", channel=channel)


@router.post("/{channel}/remove")
def remove_post(channel: ChannelDep, _form: PostedDep, account: AccountDep, core: CoreDep) -> Response:
    """Forget it."""
    remove_channel(core, account_id=account.account_id, channel=channel)
    return told(core.settings, "/me/notices", "channel-removed")


def _page(
    request: Request,
    core: Core,
    account: SignedIn,
    form: Form | None = None,
    error: MawidError | None = None,
) -> Response:
    words = words_of(request)
    choices = read_choices(core, account_id=account.account_id, language=words.language.code)
    had = {way.channel for way in choices.ways}
    cities = {office.time_zone: office.city for office in reversed(core.pack.offices)}
    return form_page(
        request,
        "account/notices.html",
        form or _as_typed(choices),
        error,
        ways=choices.ways,
        confirmed=[way.channel for way in choices.ways if way.confirmed],
        addable=[channel for channel in offered(core.settings) if channel not in had],
        latest=choices.latest,
        hours=[(hour, words.digits(f"{hour}:00")) for hour in range(24)],
        zones=[(zone, words.said(cities[zone])) for zone in zones(core.pack)],
        number=core.settings.incoming_sms_number,
        zone=choices.reader.quiet.zone,
    )


def _as_typed(choices: Choices) -> dict[str, object]:
    reader = choices.reader
    return {
        "language": reader.language,
        "first": reader.first.value if reader.first in reader.confirmed else Channel.SMS.value,
        "wanted": [group.value for group in SILENCEABLE if group not in reader.silenced],
        "quiet_from": reader.quiet.begins,
        "quiet_until": reader.quiet.ends,
        "time_zone": reader.quiet.zone,
    }


def _confirm_page(
    request: Request,
    core: Core,
    account: SignedIn,
    channel: Channel,
    form: Form | None = None,
    error: MawidError | None = None,
    *,
    sent: bool = False,
) -> Response:
    address = waiting_address(core, account_id=account.account_id, channel=channel)
    return form_page(request, "account/notices_confirm.html", form, error, channel=channel, address=address, sent=sent)


def _hour(form: Form, name: str) -> int:
    return form.number(name, -1)
