"""What a caller can choose from: each list of the dialogue, by its name."""

from collections.abc import Callable, Mapping
from typing import Final

from booking.country.catalogue.views import list_appointment_services, list_offices, reason_rule, week_of
from booking.desk.sms_commands.actions import find_live
from booking.desk.telephone.screens import Option
from booking.desk.telephone.turn import Turn
from booking.people.accounts.household import list_members
from booking.platform.base.references import shown


def _requests(turn: Turn) -> list[Option]:
    with turn.core.sessions() as session:
        return [
            Option(one.reference, f"{turn.speech.names(one.request.services)} {shown(one.reference)}")
            for one in find_live(session, [turn.account_id])
        ]


def _services(turn: Turn) -> list[Option]:
    return [Option(one.code, turn.speech.name(one)) for one in list_appointment_services(turn.core, turn.door())]


def _reasons(turn: Turn) -> list[Option]:
    service = turn.service()
    known = [Option(one["code"], turn.speech.choose(one["name"])) for one in service.spec["reasons"]]
    return known if reason_rule(service) == "always" else [Option("", turn.said(turn.dialogue.phrases.none)), *known]


def _people(turn: Turn) -> list[Option]:
    """List the household by first names: whoever calls knows them, and whoever listens learns little."""
    members = list_members(turn.core, account_id=turn.account_id)
    firsts = [one.name.split()[0] for one in members]
    return [
        Option(str(one.id), first if firsts.count(first) == 1 else one.name)
        for one, first in zip(members, firsts, strict=True)
    ]


def _offices(turn: Turn) -> list[Option]:
    return [Option(one.code, turn.speech.place(one)) for one in list_offices(turn.core, turn.door())]


def _weekdays(turn: Turn) -> list[Option]:
    chosen = [one for one in list_offices(turn.core, turn.door()) if one.code in turn.answers.get("offices", ())]
    return [Option(str(day), turn.speech.weekday(day)) for day in week_of(chosen)]


def _bands(turn: Turn) -> list[Option]:
    return [Option(one.code, turn.speech.said(one.name)) for one in turn.core.pack.country.bands]


LISTS: Final[Mapping[str, Callable[[Turn], list[Option]]]] = {
    "requests": _requests,
    "services": _services,
    "reasons": _reasons,
    "people": _people,
    "offices": _offices,
    "weekdays": _weekdays,
    "bands": _bands,
}


def list_of(turn: Turn, name: str) -> list[Option]:
    """Return what there is to choose at the step where the call is; it is read once, until another step is reached."""
    if turn.listed is None:
        turn.listed = LISTS[name](turn)
    return turn.listed
