"""A notice in its reader's words, with its secret: for its receiver alone."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy.orm import Session

from booking.base.message_states import Channel
from booking.core.core import Core
from booking.core.messages import ABOUT_SECRET
from booking.models import Message
from booking.reaching.appointment_words import Particulars, read_particulars
from booking.reaching.templates import About, templates
from booking.reaching.write import Letter, write_letter, write_short


def read_message(session: Session, core: Core, message: Message, language: str) -> str:
    """Write a notice as its receiver's phone shows it."""
    return short_text(core, message, language, read_particulars(session, [message]))


def short_text(core: Core, message: Message, language: str, particulars: Mapping[str, Particulars]) -> str:
    """Write a notice short, with what is known of its appointment."""
    secret = None if message.secret is None else core.vault.decrypt(message.secret, ABOUT_SECRET)
    about = particulars.get(message.values.get("reference", ""))
    values = message.values | (about.values(language, core.settings.digits) if about else {})
    number = core.settings.incoming_sms_number
    return write_short(message.kind, language, values, secret, reply_to=number)


def letter_for(
    core: Core, message: Message, language: str, channel: Channel, particulars: Mapping[str, Particulars]
) -> Letter:
    """Write a notice as a channel takes it: by SMS short, by e-mail with a subject, elsewhere with a link."""
    text = short_text(core, message, language, particulars)
    if channel is Channel.SMS:
        return Letter("", text)
    base = core.settings.base_url
    letter = write_letter(
        message.kind, language, text, links={"page": base + _page(message), "choices": f"{base}/me/notices"}
    )
    return letter if channel is Channel.EMAIL else Letter("", letter.text)


_FOLDERS: Final[Mapping[About, str]] = {
    About.REQUEST: "requests",
    About.APPOINTMENT: "appointments",
    About.CASE: "online/cases",
}


def _page(message: Message) -> str:
    about = templates()[message.kind].about
    reference = message.values.get("reference")
    if about is About.ACCOUNT or reference is None:
        return "/me/security"
    return f"/{_FOLDERS[about]}/{reference}"
