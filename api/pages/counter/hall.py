"""The hall of the officer's own office: the line, calling, counters and breaks; and the display for everyone."""

from collections.abc import Callable, Mapping
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.deps import CoreDep, CounterDep, RosterDep, words_of
from api.i18n import N_, Words
from api.pages.shared.answers import only_digits, read_whole
from api.pages.shared.forms import Form, PostedDep, form_page
from api.pages.shared.rendering import page
from booking.country.core.core import Core
from booking.desk.counter.walk_ins import end
from booking.desk.hall.call import call_next, put_back, put_first, send_on
from booking.desk.hall.first_by_law import first_by_law
from booking.desk.hall.open_counters import close_counter, take_break
from booking.desk.hall.views import hall, public_hall
from booking.platform.base.errors import MawidError
from booking.platform.base.fields import latin_digits
from booking.scheduling.appointments.attend import serve

router = APIRouter()

_CALLED, _WAITING = 6, 12
_DISPLAY: Final = {
    "called": N_("Now called"),
    "nobody": N_("Nobody is called at the moment."),
    "ticket": N_("Number"),
    "counter": N_("Counter"),
    "next": N_("Next"),
    "minutes": N_("Minutes, about"),
}


@router.get("/desk/hall")
def show(request: Request, officer: CounterDep, core: CoreDep, counter: str = "") -> Response:
    """Show who is called, who waits and how long, and the counters."""
    return _hall(request, officer, core, counter=only_digits(latin_digits(counter)))


@router.get("/desk/hall/first")
def first(request: Request, officer: RosterDep, core: CoreDep) -> Response:
    """Show a supervisor how often each clerk put somebody first by law, beside all colleagues."""
    return page(request, "counter/first_by_law.html", seen=first_by_law(core, officer_id=officer.account_id))


@router.post("/desk/hall")
def step(request: Request, form: PostedDep, officer: CounterDep, core: CoreDep) -> Response:
    """Make the step that the pressed button names; the counter's number stays in its field."""
    counter = latin_digits(form.text("counter").strip())
    try:
        if form.text("action") == "call":
            called = call_next(core, officer_id=officer.account_id, counter=read_whole("counter", counter))
            if called is None:
                return _hall(request, officer, core, counter=counter, nobody=True)
        else:
            _act(core, officer, form, counter)
    except MawidError as error:
        return _hall(request, officer, core, typed=form, error=error, counter=only_digits(counter))
    return RedirectResponse(f"/desk/hall?counter={only_digits(counter)}", 303)


def _act(core: Core, officer: CounterDep, form: Form, counter: str) -> None:
    who = officer.account_id
    for name, act in _BY_NUMBER.items():
        for number in form.numbers(name):
            act(core, who, number, form)
    if reference := form.text("served_visit"):
        serve(core, officer_id=who, reference=reference)
    match form.text("action"):
        case "break":
            minutes = read_whole("minutes", form.text("minutes"))
            take_break(core, officer_id=who, counter=read_whole("counter", counter), minutes=minutes)
        case "close":
            close_counter(core, officer_id=who, counter=read_whole("counter", counter))
        case _:
            pass


_BY_NUMBER: Final[Mapping[str, Callable[..., None]]] = {
    "served": lambda core, who, number, _form: end(core, officer_id=who, ticket=number, served=True),
    "gone": lambda core, who, number, _form: end(core, officer_id=who, ticket=number, served=False),
    "back": lambda core, who, number, _form: put_back(core, officer_id=who, number=number),
    "first": lambda core, who, number, _form: put_first(core, officer_id=who, number=number, first=True),
    "not_first": lambda core, who, number, _form: put_first(core, officer_id=who, number=number, first=False),
    "send": lambda core, who, number, form: send_on(
        core, officer_id=who, number=number, counter=read_whole("to", form.text("to"))
    ),
}


@router.get("/calls/{office_code}")
def display(request: Request, office_code: str, core: CoreDep) -> Response:
    """Show who is called and who is next, big, in each language with words for it: a screen that opens itself again."""
    every: Mapping[str, Words] = request.app.state.words
    spoken = [words for words in every.values() if words.has(_DISPLAY["called"])]
    seen = public_hall(core, office_code)
    line = [wait for one, wait in seen.line if one.there][:_WAITING]
    return page(
        request, "counter/calls.html", hall=seen, called=seen.called[:_CALLED], line=line, say=_DISPLAY, every=spoken
    )


def _hall(
    request: Request,
    officer: CounterDep,
    core: Core,
    *,
    typed: Form | None = None,
    error: MawidError | None = None,
    counter: str = "",
    nobody: bool = False,
) -> Response:
    seen = hall(core, officer_id=officer.account_id)
    at = {one.counter: one for one in seen.called}
    first = [words_of(request).said(one.name) for one in core.pack.country.counter.first]
    return form_page(
        request,
        "counter/hall.html",
        typed,
        error,
        hall=seen,
        at=at,
        mine=at.get(int(counter)) if counter else None,
        counter=counter,
        nobody=nobody,
        first=first,
    )
