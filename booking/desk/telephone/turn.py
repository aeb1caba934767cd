"""What one turn of a dialogue works with: the call, what is remembered of it, and how it speaks."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from booking.country.catalogue.views import find_appointment_service, list_offices, week_of
from booking.country.core.core import Core
from booking.country.core.security import Origin
from booking.country.packs.dialogue import DialogueSpec
from booking.country.packs.fields import Words
from booking.desk.telephone.memory import Call, Memory
from booking.desk.telephone.screens import Option
from booking.platform.languages.speech import Speech
from booking.platform.models import Account, Service
from booking.platform.models.states import Door
from booking.scheduling.requests.wish import Wish


@dataclass(slots=True)
class Turn:
    """One message of a call that is being answered.

    ``phone`` is the caller's number in E.164, as they are told: it proves nothing. ``jump`` is the step at which an act
    wants to go on, whatever came of it.
    """

    core: Core
    dialogue: DialogueSpec
    call: Call
    memory: Memory
    phone: str
    jump: str | None = None
    listed: list[Option] | None = None
    """What there is to choose at the step where the call is, once it was read."""

    @property
    def speech(self) -> Speech:
        """The language that the caller chose."""
        return self.core.languages.of(self.memory.language)

    @property
    def answers(self) -> dict[str, Any]:
        """What the caller answered so far."""
        return self.memory.answers

    @property
    def account_id(self) -> UUID:
        """The account of a caller who showed who they are; every step behind the proof may ask for it.

        Raises
        ------
        RuntimeError
            Nobody did: the dialogue leads past the proof.
        """
        if self.memory.account_id is None:
            raise RuntimeError("the dialogue leads past the proof")
        return self.memory.account_id

    def said(self, words: Words) -> str:
        """Return what the dialogue says, in the caller's language, with its blanks filled."""
        return words[self.memory.language].format_map(defaultdict(str, self.answers))

    def origin(self) -> Origin:
        """Return where what the caller asks for came from, and how long they took."""
        begun = self.memory.begun_at
        seconds = None if begun is None else (self.core.clock.now() - begun).total_seconds()
        return self.call.origin(seconds)

    def door(self) -> Door:
        """Return the door of the caller's account."""
        with self.core.sessions() as session:
            return session.get_one(Account, self.account_id).door

    def service(self) -> Service:
        """Return the chosen service; raises NotFoundError where it is not there any more."""
        return find_appointment_service(self.core, self.answers.get("service", ""))

    def wish(self) -> Wish:
        """Return what the caller asks for; who chose no day or time takes every one, as on the page."""
        core, answers, door = self.core, self.answers, self.door()
        days = [int(day) for day in answers.get("weekdays") or week_of(list_offices(core, door))]
        bands = answers.get("bands") or [band.code for band in core.pack.country.bands]
        return Wish(
            service=answers.get("service", ""),
            people=tuple(int(one) for one in answers.get("people", ())),
            offices=tuple(answers.get("offices", ())),
            bands=frozenset(bands),
            weekdays=frozenset(days),
            door=door,
            first_day=date.fromisoformat(answers["first_day"]) if answers.get("first_day") else None,
            accessible=answers.get("accessible") == "yes",
            reason=answers.get("reason") or None,
        )
