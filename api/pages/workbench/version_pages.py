"""The pages that every kind of version has: the list, one version and its steps, and what differs between two."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import AnalystDep, CoreDep, WordsDep
from api.i18n import Words
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.rendering import page
from api.pages.workbench.reading import action_of, reason_of, version_of
from booking.country.core.core import Core
from booking.country.versions.steps import (
    Kind,
    VersionLine,
    Versions,
    activate,
    read_steps,
    read_versions,
    retire,
    roll_back,
    start_shadow,
)
from booking.platform.base.errors import MawidError


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads a page of versions, in which language, and what was just refused."""

    request: Request
    core: Core
    words: Words
    form: Form | None = None
    error: MawidError | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that was pressed on the page of a version."""

    core: Core
    kind: Kind[Any]
    version: int
    form: Form
    by: UUID
    anyway: bool


Action = Callable[[Pressed], str | None]
"""Does what a button says; returns the address to go on at, None for the version's page."""


def _activate(pressed: Pressed) -> None:
    activate(
        pressed.core,
        pressed.kind,
        version=pressed.version,
        by=pressed.by,
        reason=reason_of(pressed.form),
        anyway=pressed.anyway,
    )


def _retire(pressed: Pressed) -> None:
    retire(pressed.core, pressed.kind, version=pressed.version, by=pressed.by, reason=reason_of(pressed.form))


def _start_shadow(pressed: Pressed) -> None:
    start_shadow(pressed.core, pressed.kind, version=pressed.version, by=pressed.by, reason=reason_of(pressed.form))


def _bring_back(pressed: Pressed) -> None:
    roll_back(
        pressed.core,
        pressed.kind,
        by=pressed.by,
        to=pressed.version,
        reason=reason_of(pressed.form),
        anyway=pressed.anyway,
    )


ACTIVATE: Final[Action] = _activate
RETIRE: Final[Action] = _retire
START_SHADOW: Final[Action] = _start_shadow
BRING_BACK: Final[Action] = _bring_back


@dataclass(frozen=True, slots=True)
class VersionPages:
    """The pages of one kind of version.

    Attributes
    ----------
    kind, path
        The kind, and the address of its list.
    anyway
        The box of the forms that says "I know, do it anyway"; "" where there is none.
    list_template, version_template, difference_template
        What shows the list, one version, and two beside each other.
    in_list, in_version, in_difference
        What the templates need besides; of one version, ``typed`` is what its form holds at first.
    actions
        What the buttons on the page of a version do.
    """

    kind: Kind[Any]
    path: str
    list_template: str
    version_template: str
    in_list: Callable[[Reading, Versions[Any]], dict[str, Any]]
    in_version: Callable[[Reading, VersionLine[Any], int | None], dict[str, Any]]
    actions: Mapping[str, Action]
    anyway: str = ""
    difference_template: str = ""
    in_difference: Callable[[Reading, int, int], dict[str, Any]] | None = None

    def router(self) -> APIRouter:
        """Return the routes of these pages."""
        router = APIRouter(prefix=self.path)
        router.add_api_route("", self.versions, methods=["GET"])
        router.add_api_route("", self.back, methods=["POST"])
        router.add_api_route("/{version}", self.look, methods=["GET"])
        router.add_api_route("/{version}", self.move, methods=["POST"])
        if self.in_difference is not None:
            router.add_api_route("/{version}/against/{other}", self.compare, methods=["GET"])
        return router

    def versions(self, request: Request, _analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
        """List the versions."""
        return self._list(Reading(request, core, words))

    def back(self, request: Request, form: PostedDep, analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
        """Bring back, in one step, what decided before."""
        try:
            done = roll_back(core, self.kind, by=analyst.account_id, reason=reason_of(form), anyway=self._anyway(form))
        except MawidError as error:
            return self._list(Reading(request, core, words, form, error))
        return RedirectResponse(f"{self.path}/{done.version}", 303)

    def look(self, request: Request, version: str, _analyst: AnalystDep, core: CoreDep, words: WordsDep) -> Response:
        """Show a version."""
        return self._show(Reading(request, core, words), version_of(version))

    def move(
        self, request: Request, version: str, form: PostedDep, analyst: AnalystDep, core: CoreDep, words: WordsDep
    ) -> Response:
        """Do with a version what the pressed button says; raises NotFoundError where it has no such button."""
        number, act = version_of(version), self.actions[action_of(form, *self.actions)]
        try:
            address = act(Pressed(core, self.kind, number, form, analyst.account_id, self._anyway(form)))
        except MawidError as error:
            return self._show(Reading(request, core, words, form, error), number)
        return RedirectResponse(address or f"{self.path}/{number}", 303)

    def compare(
        self, request: Request, version: str, other: str, _analyst: AnalystDep, core: CoreDep, words: WordsDep
    ) -> Response:
        """Return what differs between two versions."""
        before, after = version_of(other), version_of(version)
        told = {} if self.in_difference is None else self.in_difference(Reading(request, core, words), before, after)
        return page(request, self.difference_template, before=before, after=after, **told)

    def _anyway(self, form: Form) -> bool:
        return form.text(self.anyway) == "yes"

    def _list(self, reading: Reading) -> Response:
        found = read_versions(reading.core, self.kind)
        return form_page(
            reading.request,
            self.list_template,
            reading.form,
            reading.error,
            versions=found,
            zone=reading.core.pack.country.time_zone,
            **self.in_list(reading, found),
        )

    def _show(self, reading: Reading, version: int) -> Response:
        found = read_versions(reading.core, self.kind)
        line = found.line(version)
        against = found.active.row.version if found.active and not line.row.active else None
        context = self.in_version(reading, line, against)
        typed = context.pop("typed", None)
        return form_page(
            reading.request,
            self.version_template,
            reading.form or typed,
            reading.error,
            line=line,
            against=against,
            steps=read_steps(reading.core, self.kind, version),
            zone=reading.core.pack.country.time_zone,
            **context,
        )
