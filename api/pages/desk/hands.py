"""The desk of one kind of case: an officer takes a case from the queue and does one thing with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from api.pages.shared.banners import told
from api.pages.shared.forms import Form, form_page
from booking.country.core.core import Core
from booking.people.hands.claim import claim, release
from booking.people.hands.errors import CaseNotInHandsError
from booking.people.hands.handling import Handling, check_reach
from booking.platform.base.errors import ForbiddenError, MawidError, NotFoundError

Action = Callable[[Core, UUID, str, Form], object]


@dataclass(frozen=True, slots=True)
class Desk:
    """What one desk does with its cases.

    Attributes
    ----------
    path
        Where its queue is, and below it the cases.
    kind
        How its cases are handled.
    actions
        What an officer can do with a case, by the name that the form sends; all desks take cases and give them back.
    stays
        After these the officer goes on with the same case, after all others with the queue.
    queue_page, case_page
        Make the page of the queue, of an error; and that of a case, of its reference, what was typed, and an error.
    """

    path: str
    kind: Handling[Any, Any]
    actions: Mapping[str, Action]
    stays: frozenset[str]
    queue_page: Callable[[Request, Core, UUID, MawidError], Response]
    case_page: Callable[[Request, Core, UUID, str, Form | None, MawidError | None], Response]

    def act(self, request: Request, core: Core, officer_id: UUID, reference: str, form: Form) -> Response:
        """Do what the form says with a case.

        Raises
        ------
        ForbiddenError
            The case is of another office or agency, or the officer may not do this.
        NotFoundError
            There is no such case, or nothing of this name can be done.
        """
        name = form.text("action")
        check_reach(self.kind, core, officer_id=officer_id, reference=reference)
        try:
            self._act(core, officer_id, reference, form)
        except (NotFoundError, ForbiddenError):
            raise
        except CaseNotInHandsError as error:
            return self.queue_page(request, core, officer_id, error)
        except MawidError as error:
            return self.show(request, core, officer_id, reference, form, error)
        stays = name in self.stays or name == "claim"
        return told(core.settings, f"{self.path}/{reference}" if stays else self.path, f"hands-{name}")

    def show(
        self,
        request: Request,
        core: Core,
        officer_id: UUID,
        reference: str,
        typed: Form | None = None,
        error: MawidError | None = None,
    ) -> Response:
        """Show a case to the officer who has it; offer to take it where nobody has."""
        try:
            return self.case_page(request, core, officer_id, reference, typed, error)
        except CaseNotInHandsError:
            context = {"reference": reference, "kind": self.kind.name, "path": self.path}
            return form_page(request, "desk/claim.html", typed, error, **context)

    def _act(self, core: Core, officer_id: UUID, reference: str, form: Form) -> None:
        match form.text("action"):
            case "claim":
                claim(self.kind, core, officer_id=officer_id, reference=reference)
            case "release":
                release(self.kind, core, officer_id=officer_id, reference=reference)
            case name if name in self.actions:
                self.actions[name](core, officer_id, reference, form)
            case _:
                raise NotFoundError


def with_reason(act: Callable[..., object]) -> Action:
    """Make an action of a use case that takes a reason code and a note."""

    def run(core: Core, officer_id: UUID, reference: str, form: Form) -> object:
        return act(core, officer_id=officer_id, reference=reference, reason=form.text("reason"), note=form.text("note"))

    return run
