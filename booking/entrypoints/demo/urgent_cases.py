"""People who cannot wait, so that the desk of urgent cases has something to decide."""

import io
from datetime import timedelta
from typing import Final

import numpy as np
from sqlalchemy import select

from booking.country.core.core import Core
from booking.country.packs.quotas import UrgentLimits
from booking.country.policy import limits as policy_limits
from booking.entrypoints.demo.accounts import OFFICE, ReadyAccounts
from booking.entrypoints.demo.actor import pass_check
from booking.entrypoints.demo.counter_day import open_family
from booking.entrypoints.demo.people import Population
from booking.platform.base.clock import SettableClock
from booking.platform.models import UrgentRequest
from booking.platform.models.states import Door, RequestState
from booking.scheduling.requests.ask import ask
from booking.scheduling.requests.wish import Wish
from booking.scheduling.urgent.approve import approve
from booking.scheduling.urgent.ask import ask_urgent, send_case
from booking.scheduling.urgent.claim import claim
from booking.scheduling.urgent.evidence import add_evidence
from booking.scheduling.urgent.places import free_places

_OPENED: Final = timedelta(days=20)
_CASES: Final = (
    ("relative-abroad", 2, 1, "والدي في المستشفى وحالته صعبة.", "Example Hospital: admitted to intensive care"),
    ("medical", 5, 2, "موعد العملية بعد أيام.", "Sample Clinic: surgery is planned, please arrive on time"),
    ("work-or-study", 9, 1, "", "Imaginary University: first day of the term"),
    (
        "medical",
        5,
        1,
        "",
        "Sample Clinic: surgery is planned, please arrive on time",
    ),  # a stranger with the same letter
    ("pilgrimage", 12, 2, "مجموعتنا تسافر معًا.", "Fictional Travel: Umrah group, departure confirmed"),
)


def urgent_cases(core: Core, clock: SettableClock, population: Population, ready: ReadyAccounts, *, seed: int) -> int:
    """Have people ask to be let past the draw; the last case waits for a second person. Return how many there are."""
    now, rng = clock.now(), np.random.default_rng([seed, 17])
    bands = frozenset(band.code for band in core.pack.country.bands)
    cases = []
    for number, (reason, days, size, words, letter) in enumerate(_CASES):
        clock.set(now - _OPENED)
        family = open_family(
            core, population, rng, username=f"urgent-{number + 1}", network=f"10.97.{number}.7", size=size
        )
        clock.set(now - timedelta(hours=len(_CASES) + 1 - number))
        wish = Wish("passport-renewal", family.people, (OFFICE, "rif-dimashq"), bands, Door.HOME)
        asked = ask(core, account_id=family.account_id, wish=wish, origin=family.origin)
        if asked.state is RequestState.CHALLENGED:
            pass_check(core, family.account_id, asked.reference, family.origin)
        elif asked.state is not RequestState.ACCEPTED:
            continue
        account_id, needed_by = family.account_id, core.today() + timedelta(days=days)
        case = ask_urgent(
            core,
            account_id=account_id,
            request_reference=asked.reference,
            reason=reason,
            needed_by=needed_by,
            words=words,
        )
        content = _letter(letter, needed_by.isoformat())
        add_evidence(
            core, account_id=account_id, request_reference=asked.reference, content=content, origin=family.origin
        )
        send_case(core, account_id=account_id, request_reference=asked.reference)
        cases.append(case)
    clock.set(now)
    if cases:
        _ask_for_a_second_person(core, ready, cases[-1])
    return len(cases)


def _ask_for_a_second_person(core: Core, ready: ReadyAccounts, reference: str) -> None:
    claim(core, officer_id=ready.officer, reference=reference)
    with core.sessions() as session:
        case = session.scalars(select(UrgentRequest).where(UrgentRequest.reference == reference)).one()
        most = policy_limits.read(session, UrgentLimits).urgent_overbooking_most
        added = free_places(session, core, case, beyond_pool=most)
    if added:
        approve(
            core,
            officer_id=ready.officer,
            reference=reference,
            reason="evidence_is_clear",
            note="the group's booking names them, and the pool has no place for two together",
            slot_id=added[0].slot_id,
            beyond_pool=True,
            going_on="they bring what is missing on the day",
        )


def _letter(words: str, day: str) -> bytes:
    """Draw a page that shows what a letter would."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415 - nothing else in this process draws

    page = Image.new("RGB", (1000, 1400), "#f6f2e7")
    pen, large, small = ImageDraw.Draw(page), ImageFont.load_default(44), ImageFont.load_default(30)
    pen.rectangle((60, 60, 940, 1340), outline="#6b6250", width=4)
    pen.rectangle(
        (500, 160 + 40 * (len(words) % 16), 900, 230 + 40 * (len(words) % 16)), fill="#cbbf9f"
    )  # its own head
    pen.text((110, 130), words.partition(":")[0], fill="#24313f", font=large)
    pen.text((110, 300), words.partition(": ")[2], fill="#24313f", font=small)
    pen.text((110, 370), f"Date: {day}", fill="#24313f", font=small)
    pen.text((110, 1250), "A synthetic paper for a demonstration", fill="#6b6250", font=small)
    output = io.BytesIO()
    page.save(output, "JPEG", quality=80)
    return output.getvalue()
