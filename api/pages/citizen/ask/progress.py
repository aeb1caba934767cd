"""A request in progress, as its pages share it: three pages, the same way for both doors.

They ask the store for the draft, and the database for household, services and offices, and so wait in threads. Only
the last one, which everybody sends at once, is awaited (`review`).
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AccountDep
from api.pages.citizen.ask import drafts
from api.pages.shared.answers import wish_of
from api.pages.shared.wish_form import other_services
from booking.country.catalogue import views as catalogue
from booking.country.catalogue.views import reason_rule
from booking.country.core.core import Core
from booking.country.packs.quotas import LimitSpec
from booking.people.accounts.household import Member
from booking.platform.base.errors import NotFoundError
from booking.platform.models import Office, Service
from booking.platform.models.states import Door
from booking.scheduling.requests.asking.check_form import check_answers
from booking.scheduling.requests.wish import wish_limits


def door_of(request: Request) -> Door:
    """Return the door whose way a page is on."""
    return Door.ABROAD if request.url.path.startswith("/abroad") else Door.HOME


class Wanted(NamedTuple):
    """A service of a visit, and who of the household comes for it."""

    service: Service
    people: list[Member]


class Asking:
    """A request in progress: its door, its address, and the answers so far."""

    def __init__(
        self,
        request: Request,
        core: Core,
        account: AccountDep,
        door: Door | None = None,
        kept: drafts.Draft | None = None,
    ) -> None:
        """Take the draft that was ``kept``, or read it where it was not read yet."""
        self.door = door_of(request) if door is None else door
        self.abroad = self.door is Door.ABROAD
        self.base = "/abroad" if self.abroad else "/ask"
        self.core, self.account_id = core, account.account_id
        self.draft, self.sent = kept or drafts.read_draft(core, self.account_id, self.door)

    def keep(self, **steps: Any) -> None:
        """Keep one step's answers."""
        if "started" not in self.draft:
            steps["started"] = self.core.clock.now().isoformat()
        drafts.keep_step(self.core, self.account_id, self.door, **steps)
        self.draft.update(steps)

    def check(self, *fields: str, **steps: Any) -> None:
        """Check one step's answers before they are kept; see `check_form.check_answers` for what it raises."""
        wish = wish_of(self.draft | steps, self.door)
        check_answers(self.core, account_id=self.account_id, wish=wish, fields=fields)

    @property
    def service(self) -> Service | None:
        """The chosen service, if it still exists."""
        try:
            code = self.draft.get("service")
            return catalogue.find_appointment_service(self.core, code) if code else None
        except NotFoundError:
            return None

    @cached_property
    def limits(self) -> LimitSpec:
        """What the active policy says of wishes."""
        return wish_limits(self.core)

    @property
    def further(self) -> list[Service]:
        """The services that people of this door can have on the same visit, besides the chosen one, by the policy."""
        return other_services(self.core, self.draft.get("service"), self.door, self.limits)

    def visit(self, household: Iterable[Member]) -> list[Wanted]:
        """Return what is asked for in all: each service that still exists, with those of the household who come."""
        members = {member.id: member for member in household}
        return [
            Wanted(service, [members[person] for person in people if person in members])
            for service, people in self._asked_for
        ]

    @property
    def _asked_for(self) -> list[tuple[Service, tuple[int, ...]]]:
        known = {one.code: one for one in catalogue.list_appointment_services(self.core, self.door)}
        wanted = wish_of(self.draft, self.door).services
        return [(known[one.service], one.people) for one in wanted if one.service in known]

    @property
    def branches(self) -> Sequence[Office]:
        """The branches that can be ranked for a visit home: from abroad, for a service that both doors offer."""
        service = self.service
        if not self.abroad or service is None or any(one.audience != "both" for one, _ in self._asked_for):
            return []
        return catalogue.list_offices(self.core, Door.HOME)

    @property
    def offices(self) -> list[Office]:
        """The chosen offices that are still open, best first."""
        known = [*catalogue.list_offices(self.core, self.door), *self.branches]
        by_code = {office.code: office for office in known}
        return [by_code[code] for code in self.draft.get("offices", []) if code in by_code]

    def on(self, step: str) -> Response:
        """Go to a step."""
        return RedirectResponse(f"{self.base}/{step}", 303)

    def missing(self, *, before: str) -> Response | None:
        """Lead to the first page with a question that has no answer yet; None when the page ``before`` may be shown."""
        service = self.service
        if service is None:
            return RedirectResponse(self.base, 303)
        wanted = {"people": ["people"], "also": [], "where": ["offices", "when", "dates"]}
        if reason_rule(service) != "never":
            wanted["people"].append("reason")
        for step, answers in wanted.items():
            if step == before:
                return None
            if any(self.draft.get(one) is None for one in answers):
                return self.on(step)
        return None

    def context(self, step: str) -> dict[str, Any]:
        """Return what every page of the way shows."""
        return {"base": self.base, "abroad": self.abroad, "step": step}
