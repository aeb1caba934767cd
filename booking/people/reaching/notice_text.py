"""A notice in its reader's words, with its secret: for its receiver alone."""

import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, String, select
from sqlalchemy.orm import Session

from booking.country.core.core import Core
from booking.country.core.messages import ABOUT_SECRET
from booking.people.reaching.carrier import Letter
from booking.platform.base.arrays import any_of
from booking.platform.base.message_states import Channel
from booking.platform.base.references import shown
from booking.platform.languages.language import WRITTEN, Unit
from booking.platform.languages.speech import Speech
from booking.platform.models import Appointment, Message, Office
from booking.platform.models.base import Json
from booking.platform.models.states import AppointmentState


def moment(at: datetime, zone: str, speech: Speech) -> str:
    """Write an instant as it is in ``zone``: ``Sun 8/11 9:00``, day before month as in all our languages."""
    local = at.astimezone(ZoneInfo(zone))
    text = f"{speech.short_weekday(local.weekday())} {local.day}/{local.month} {local.hour}:{local.minute:02d}"
    return speech.digits(text)


class Group(StrEnum):
    """What a notice is to its reader, and so whether they can do without it."""

    CODES = "codes"
    SECURITY = "security"
    DECISIONS = "decisions"
    DEADLINES = "deadlines"
    ANSWERS = "answers"
    REMINDERS = "reminders"
    TIPS = "tips"


SILENCEABLE: Final = frozenset({Group.REMINDERS, Group.TIPS})
"""The rest is about rights, deadlines and the account itself: nobody can be made to miss it."""


class About(StrEnum):
    """What a notice's reference names, and so which page it leads to."""

    ACCOUNT = "account"
    REQUEST = "request"
    APPOINTMENT = "appointment"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of notice. Texts are by language; ``reply`` says what can be answered by SMS, where that is possible.

    ``page`` is where its reader acts, if that is not the page of what it is about. ``at_once`` is for what cannot wait
    until the morning, ``perishable`` for what is of use only while something can still be done about the appointment.
    """

    group: Group
    about: About
    page: str | None
    at_once: bool
    perishable: bool
    subject: Mapping[str, str]
    sms: Mapping[str, str]
    reply: Mapping[str, str] | None


@cache
def templates() -> Mapping[str, Template]:
    """Read every template, by kind.

    Raises
    ------
    ValueError
        A file is unusable, or two files have one kind.
    """
    found: dict[str, Template] = {}
    for file in sorted(
        resources.files("booking.people.reaching").joinpath("notices").iterdir(), key=lambda one: one.name
    ):
        if not file.name.endswith(".toml"):
            continue
        for kind, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if kind in found:
                raise ValueError(f"{file.name}: {kind} stands in two files")
            try:
                found[kind] = _template(entry)
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{file.name}: {kind}: {error}") from error
    return found


def _template(entry: dict[str, Any]) -> Template:
    entry = dict(entry)
    made = Template(
        group=Group(entry.pop("group")),
        about=About(entry.pop("about")),
        page=entry.pop("page", None),
        at_once=entry.pop("at_once", False) is True,
        perishable=entry.pop("perishable", False) is True,
        subject=_both(entry.pop("subject")),
        sms=_both(entry.pop("sms")),
        reply=_both(entry.pop("reply")) if "reply" in entry else None,
    )
    if entry:
        raise ValueError(f"unknown: {', '.join(sorted(entry))}")
    return made


def _both(texts: Mapping[str, str]) -> Mapping[str, str]:
    if set(texts) != set(WRITTEN) or not all(isinstance(text, str) and text.strip() for text in texts.values()):
        raise ValueError(f"must have {' and '.join(WRITTEN)}")
    return texts


BEFORE: Final = "before"
"""Under what a notice names the appointment that was there before; its text says when that was."""
_TO_COME = frozenset({AppointmentState.OFFERED, AppointmentState.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Particulars:
    """An appointment's time, office and state."""

    starts_at: datetime
    confirm_by: datetime
    state: AppointmentState
    office: Office

    @property
    def useful_until(self) -> datetime:
        """Until when it can be confirmed or, once confirmed, until it begins."""
        return self.confirm_by if self.state is AppointmentState.OFFERED else self.starts_at

    def is_to_come(self, now: datetime) -> bool:
        """Return whether something can still be done about it."""
        return self.state in _TO_COME and now < self.useful_until

    def values(self, speech: Speech) -> Json:
        """Return what fills a template's blanks."""
        zone = self.office.time_zone
        return {
            "when": moment(self.starts_at, zone, speech),
            "confirm_by": moment(self.confirm_by, zone, speech),
            "office": speech.name(self.office),
        }


def appointment_values(values: Mapping[str, Any], particulars: Mapping[str, Particulars], speech: Speech) -> Json:
    """Return what fills the blanks of a notice with these values, as far as appointments say it."""
    about, before = (particulars.get(values.get(name, "")) for name in ("reference", BEFORE))
    filled = about.values(speech) if about else {}
    return filled | ({BEFORE: before.values(speech)["when"]} if before else {})


def read_particulars(session: Session, messages: Collection[Message]) -> Mapping[str, Particulars]:
    """Read the appointments that notices are about, by reference."""
    known = templates()
    references = {
        one.values[name]
        for one in messages
        for name in ("reference", BEFORE)
        if name in one.values and one.kind in known and known[one.kind].about is About.APPOINTMENT
    }
    if not references:
        return {}
    columns = Appointment.reference, Appointment.starts_at, Appointment.confirm_by, Appointment.state
    found = session.execute(
        select(*columns, Appointment.office_id).where(Appointment.reference == any_of(references, String))
    ).all()
    there = any_of({row[4] for row in found}, BigInteger)
    offices = {one.id: one for one in session.scalars(select(Office).where(Office.id == there))}
    return {row[0]: Particulars(row[1], row[2], row[3], offices[row[4]]) for row in found}


SHORT: Final[Mapping[str, str]] = {"r": "requests", "a": "appointments", "c": "online/cases"}
"""One letter for each kind of page that a reference has: text messages are paid by their length."""
_LETTERS: Final[Mapping[About, str]] = {About.REQUEST: "r", About.APPOINTMENT: "a", About.CASE: "c"}
_ACCOUNT: Final = "/me/security"


def page_of(kind: str, values: Json) -> str:
    """Return the path of the page on which a notice's reader reads more, or acts."""
    template, reference = templates()[kind], values.get("reference")
    if template.page is not None:
        return template.page
    if template.about is About.ACCOUNT or reference is None:
        return _ACCOUNT
    return f"/{SHORT[_LETTERS[template.about]]}/{reference}"


def short_link(kind: str, values: Json, base_url: str) -> str:
    """Return a page's address as short as phones still open it: without a scheme, its reference readable."""
    host, template, reference = base_url.partition("://")[2], templates()[kind], values.get("reference")
    if template.page is not None or template.about is About.ACCOUNT or reference is None:
        return host + page_of(kind, values)
    return f"{host}/{_LETTERS[template.about]}/{shown(reference)}"


_MORE: Final = {"ar": "التفاصيل:", "en": "Details:"}
_STOP: Final = {"ar": "لإيقاف هذه التذكيرات:", "en": "Stop these reminders here:"}
_SENDER: Final = {
    "ar": "{sender} – موعد\nهذه رسالة آلية، فلا تُجب عنها. لن نطلب منك كلمة السر أبدًا.",
    "en": "{sender} – Mawid\nThis message is automatic: please do not answer it. We never ask for your password.",
}
_NAME: Final = {"ar": "موعد", "en": "Mawid"}
AROUND: Final = (_MORE, _STOP, _SENDER, _NAME)
"""What letters say around a notice."""
_UNITS: Final[Mapping[str, Unit]] = {"minutes": "minute", "days": "day"}


def write_short(
    kind: str, speech: Speech, values: Json, secret: str | None = None, *, reply_to: str | None = None
) -> str:
    """Write a notice in a sentence or two; ``reply_to`` is the number that takes answers, if any does.

    Parameters
    ----------
    values
        Fill the blanks of the template; a missing one is a KeyError, as is a kind that does not exist.
    """
    template = templates()[kind]
    text = speech.choose(template.sms)
    if template.reply is not None and reply_to is not None:
        text = f"{text} {speech.choose(template.reply)}"
    shown_values = {name: _said(name, value, speech) for name, value in values.items()}
    return text.format_map({**shown_values, "secret": secret or "", "number": reply_to or ""})


def write_letter(kind: str, speech: Speech, text: str, *, links: Mapping[str, str], sender: str) -> Letter:
    """Write a notice whose short ``text`` is known as a letter, with ``links`` to its page and to the choices.

    The ``sender`` is whose service this is, such as a ministry.
    """
    template = templates()[kind]
    parts = [text] if links["page"] in text else [text, f"{speech.choose(_MORE)} {links['page']}"]
    if template.group in SILENCEABLE:
        parts.append(f"{speech.choose(_STOP)} {links['choices']}")
    parts.append(speech.choose(_SENDER).format(sender=sender))
    return Letter(f"{speech.choose(_NAME)}: {speech.choose(template.subject)}", "\n\n".join(parts))


def _said(name: str, value: Any, speech: Speech) -> str:
    """Write what fills a blank: a reference in groups, a number with its unit in the form that it asks for."""
    if name == "reference":
        return shown(value)
    if name in _UNITS:
        return speech.count(value, _UNITS[name])
    return str(value)


def for_phones(text: str, speech: Speech, address: str = "") -> str:
    """Write São Paulo as Sao Paulo, where the language says so: one such letter makes a text message twice as long.

    The ``address`` in it stays as it is: without its marks it would be another site's.
    """
    if not speech.language.plain_text_messages:
        return text
    return address.join(map(_without_marks, text.split(address))) if address else _without_marks(text)


def _without_marks(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))


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


_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE: Final = frozenset("^{}\\[~]|€\f")
"""Written with an escape, so each takes two places."""
_GSM_ALONE: Final = 160
_GSM_JOINED: Final = 153
_UCS_ALONE: Final = 70
_UCS_JOINED: Final = 67


def count_segments(text: str) -> int:
    """Count the parts of a message: 160 or 153 places of the GSM alphabet, 70 or 67 units of UCS-2 for other scripts.

    An empty text is one part. A character is never cut in two, so a part can end a place early.
    """
    if _is_gsm(text):
        widths = _gsm_widths(text)
        alone, joined = _GSM_ALONE, _GSM_JOINED
    else:
        widths = [len(character.encode("utf-16-be")) // 2 for character in text]
        alone, joined = _UCS_ALONE, _UCS_JOINED
    if sum(widths) <= alone:
        return 1
    parts, used = 1, 0
    for width in widths:
        if used + width > joined:
            parts, used = parts + 1, 0
        used += width
    return parts


def gsm_places(text: str) -> int | None:
    """Count the places that a text takes in the GSM alphabet; None where it has another letter."""
    return sum(_gsm_widths(text)) if _is_gsm(text) else None


def _is_gsm(text: str) -> bool:
    return all(character in _GSM or character in _GSM_TWICE for character in text)


def _gsm_widths(text: str) -> list[int]:
    return [2 if character in _GSM_TWICE else 1 for character in text]
