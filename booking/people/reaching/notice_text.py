"""A notice in its reader's words, with its secret: for its receiver alone."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import ABOUT_SECRET
from booking.people.reaching.appointment_words import Particulars, appointment_values, read_particulars
from booking.people.reaching.carrier import Letter
from booking.people.reaching.links import page_of, short_link
from booking.people.reaching.write import for_phones, write_letter, write_short
from booking.platform.base.message_states import Channel
from booking.platform.languages.speech import Speech
from booking.platform.models import Message


def read_message(session: Session, core: Core, message: Message, language: str) -> str:
    """Write a notice as its receiver's phone shows it."""
    speech = core.languages.of(language)
    page = short_link(message.kind, message.values, core.settings.base_url)
    return for_phones(_text(core, message, speech, read_particulars(session, [message]), page), speech, page)


def letter_for(
    core: Core, message: Message, language: str, channel: Channel, particulars: Mapping[str, Particulars]
) -> Letter:
    """Write a notice as a channel takes it: by SMS short, by e-mail with a subject, elsewhere with a link."""
    base, speech = core.settings.base_url, core.languages.of(language)
    if channel is Channel.SMS:
        page = short_link(message.kind, message.values, base)
        return Letter("", for_phones(_text(core, message, speech, particulars, page), speech, page))
    page = base + page_of(message.kind, message.values)
    text = _text(core, message, speech, particulars, page)
    letter = write_letter(
        message.kind,
        speech,
        text,
        links={"page": page, "choices": f"{base}/me/notices"},
        sender=speech.said(core.pack.country.state.ministry),
    )
    return letter if channel is Channel.EMAIL else Letter("", letter.text)


def say_notice(session: Session, kind: str, reference: str, speech: Speech, *, page: str) -> str:
    """Write what a notice of ``kind`` would say of a reference now, for somebody who hears it at once.

    ``page`` stands for the address of its page.
    """
    message = Message(kind=kind, values={"reference": reference})
    about = appointment_values(message.values, read_particulars(session, [message]), speech)
    values = message.values | about | {"page": page}
    return write_short(kind, speech, values)


def _text(core: Core, message: Message, speech: Speech, particulars: Mapping[str, Particulars], page: str) -> str:
    """Write a notice with what is known of its appointment."""
    secret = None if message.secret is None else core.vault.decrypt(message.secret, ABOUT_SECRET)
    values = message.values | appointment_values(message.values, particulars, speech) | {"page": page}
    return write_short(message.kind, speech, values, secret, reply_to=core.settings.incoming_sms_number)
