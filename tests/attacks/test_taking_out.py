"""Whoever finds a colleague's tab open, or may use a terminal, carries tables away.

Before, any analyst's open tab gave every table as a file without a word about it anywhere, `mawid export` believed
whoever named an analyst, and nothing said how many rows had left.
"""

import inspect
import re
from datetime import timedelta

import pyotp
import pytest
import typer
from sqlalchemy import select

from api.pages.shared.fresh_proof import TakingOutDep
from booking.cli import app as commands
from booking.country.core import sessions
from booking.country.figures.wanted import Wanted
from booking.desk.counter.arrive import sheet_to_keep
from booking.entrypoints.commands import proving
from booking.entrypoints.commands.export import write_all
from booking.people.accounts.errors import WrongSecondFactorError
from booking.people.accounts.second_factor import keep, new_secret
from booking.platform.base.settings import SecondFactor
from booking.platform.models import Account, AuditEntry
from booking.platform.models.states import Door, Role
from tests.api.one_call import one_call
from tests.api.test_authorisation import calls, declared, routes
from tests.api.visitors import ACCOUNT, PUBLIC, SECOND_STEP
from tests.support.country import a_colleague

A_PAGE = re.compile(r"(\w*page|_\w+|RedirectResponse|DESK\.show|self\._\w+)\(")
NO_FILE = {
    "/api/v1/observers/draws/{reference}/files/{name}": "signed with an observer's own key; each look is on record",
    "/api/v1/proposals": "what waits for a second analyst: numbers of versions",
    "/desk/reviews/{reference}/paper/{number}": "one page, on record as review.paper_read",
    "/desk/urgent/{reference}/evidence/{evidence_id}/{number}": "one page, on record as urgent.evidence_read",
    "/desk/online/{reference}/papers/{paper_id}/{number}": "one page of a case in the officer's hands, on record",
    "/desk/today/offline": "a page without anybody's data",
    "/desk/today/sheet": "the day's work, which a script asks for each minute; on record once a day",
}
ASKS = {"export", "audit looked-for"}
"""Commands that ask for the second step of the account that is named."""
OTHERS = """
    forecast notebook migrate upgrade backup verify restore doctor serve worker demo sandbox version catalogue:check
    catalogue:load
    audit:verify draw:limits draw:announce draw:open draw:close draw:run draw:publish draw:advance draw:export
    draw:verify fraud:train fraud:shadow fraud:drift fraud:fairness fraud:thresholds fraud:card fraud:train-no-show
    fraud:no-show fraud:resold fraud:versions fraud:propose fraud:activate fraud:rollback fraud:rules fraud:limits
    fraud:duplicates fraud:rings fraud:except fraud:approve fraud:revoke fraud:exceptions fraud:replay
    fraud:backtest fraud:evaluate fraud:attack fraud:hunt fraud:tune fraud:rounds
    staff:add staff:list staff:reset-second-factor staff:link staff:bind
    staff:close log:checkpoint log:proof log:entries log:recover draw:abandon draw:audit draw:sample draw:uniqueness
    draw:progress exchange:advance exchange:export exchange:verify
    beacon:show beacon:group beacon:bring beacon:part observe:new observe:fetch witness:new
    witness:deal witness:accept witness:assemble witness:watch witness:serve witness:check witness:report
    watch:questions watch:chance notices:try register:try register:people https:try files:try files:move keys:list
    keys:save keys:rotate keys:renew languages:missing languages:check languages:shares
    credential:fetch credential:verify
    computing:scheduler computing:worker computing:try telephone:agi telephone:say
"""
"""Commands that give away nobody's data, or are for whoever has database and secret anyway (`backup`, `notebook`)."""


def asks_again(route):
    (asks,) = TakingOutDep.__metadata__
    return asks.dependency in set(calls(route.dependant))


def test_whatever_leaves_as_a_file_asks_for_the_second_step(app):
    files = set()
    for (method, path), route in routes(app).items():
        if method != "GET" or declared()[method, path] in {PUBLIC, ACCOUNT, SECOND_STEP} or asks_again(route):
            continue
        answers = re.findall(r"\breturn (.*)", inspect.getsource(route.endpoint).partition("->")[2])
        if not all(map(A_PAGE.match, answers)):
            files.add(path)

    assert files == set(NO_FILE), "let a route that gives away a file have TakingOutDep, and put it on record"


def every_command(found, *names):
    for name, one in getattr(found, "commands", {}).items():
        yield from every_command(one, *names, name)
    if not hasattr(found, "commands"):
        yield " ".join(names), found.callback


def test_every_command_is_known_to_ask_or_to_give_nothing_away():
    found = dict(every_command(typer.main.get_command(commands)))

    assert set(found) == ASKS | {one.replace(":", " ") for one in OTHERS.split()}
    for name in ASKS:
        assert "prove_at_terminal" in inspect.getsource(inspect.getmodule(inspect.unwrap(found[name])))


@pytest.fixture
def secret(core):
    """The secret of an authenticator of an analyst's."""
    object.__setattr__(
        core, "settings", core.settings.model_copy(update={"staff_second_factor": SecondFactor.REQUIRED})
    )
    return new_secret()


@pytest.fixture
def analyst(core, secret):
    account_id = a_colleague(core, Role.ANALYST)
    with core.sessions.begin() as session:
        keep(session, core, account_id=account_id, secret=secret, step=0)
    return account_id


def taken(core):
    """What left, as the record says it."""
    with core.sessions() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "data.exported")).all()
    return [(entry.account_id, entry.subject, entry.details["rows"]) for entry in entries]


def test_an_open_tab_is_led_to_the_proof_and_back_to_the_page(core, client, clock, analyst):
    token, _ = sessions.create(core, account_id=analyst, language="en", door=Door.HOME, roles=[Role.ANALYST])
    headers = {"host": "localhost:8000", "cookie": f"mawid={token}"}
    file = "/analyst/figures/today/asked.csv?office=damascus"

    sessions.note_proof(core, token)
    assert one_call(client, "GET", file, headers).status_code == 200
    clock.advance(timedelta(minutes=16))
    refused = one_call(client, "GET", file, headers)

    assert refused.status_code == 303
    assert refused.location == "/me/security/again?next=%2Fanalyst%2Ffigures%2Ftoday%3Foffice%3Ddamascus"
    assert [(who, what) for who, what, rows in taken(core) if rows > 0] == [(analyst, "figure asked")]


def test_a_terminal_is_not_believed_that_it_is_an_analysts(core, clock, analyst, secret, monkeypatch, tmp_path):
    with core.sessions() as session:
        name = session.get_one(Account, analyst).username
    days = {"wanted": Wanted(core.today(), core.today()), "seconds": 20, "most": 100_000}
    codes = ["000000", pyotp.TOTP(secret).at(clock.now())]
    monkeypatch.setattr(proving.typer, "prompt", lambda *_, **__: codes.pop(0))

    with pytest.raises(WrongSecondFactorError):
        write_all(core, tmp_path / "no", by=name, ending="csv", **days)
    assert taken(core) == []
    assert not (tmp_path / "no").exists()
    write_all(core, tmp_path / "yes", by=name, ending="csv", **days)

    ((who, what, rows),) = taken(core)
    assert (who, what, rows > 0, codes) == (analyst, "export", True, [])


def test_an_analyst_without_a_second_step_takes_nothing_at_a_terminal(core, secret):
    with pytest.raises(typer.BadParameter, match="no second step yet"):
        proving.prove_at_terminal(core, a_colleague(core, Role.ANALYST))


def test_who_keeps_a_day_sheet_is_on_record_once_a_day(core):
    clerk = a_colleague(core, Role.OFFICER, office="damascus")

    for _ in range(3):
        sheet_to_keep(core, officer_id=clerk)

    assert taken(core) == [(clerk, "day sheet", 0)]
