"""No page or download of the analysts holds a name or a number of anyone: every route of theirs is asked."""

import io
from datetime import timedelta

import pandas as pd
import pytest
from fastapi.routing import iter_route_contexts

from api.deps import Guard
from booking.country.core.four_eyes import GRANTS
from booking.country.figures.measures import MEASURES, Board
from booking.platform.models import Account
from booking.platform.models.states import Role
from booking.scheduling.draws import draw as draws
from booking.scheduling.requests.ask import ask
from tests.api.pages.browser import SITE, Browser
from tests.api.test_authorisation import OTHERS, calls
from tests.booking.antifraud.gate.people import under_review
from tests.support.country import PASSWORD, a_colleague, a_member, a_wish, an_account, an_origin, eligible_number
from tests.support.open_draws import open_a_draw

NAME = "مزروعة الخيالية"
ADDRESSES = {
    "/analyst/figures/{board}": [f"/analyst/figures/{board.value}" for board in Board],
    "/analyst/figures/{board}/{file}": [
        f"/analyst/figures/{one.board.value}/{one.name}.{ending}"
        for one in MEASURES.values()
        for ending in ("csv", "parquet")
    ],
}


@pytest.fixture
def core(country):
    return country


@pytest.fixture
def planted(core):
    """Someone whose name and numbers would be recognised, in a draw and in a review."""
    open_a_draw(core, "first")
    found = {NAME}
    for again in (False, True):
        if again:
            under_review(core)  # from here on everyone's request is looked at
        account, number = an_account(core), eligible_number(core)
        asked = ask(
            core,
            account_id=account,
            wish=a_wish((a_member(core, account, name=NAME, number=number),)),
            origin=an_origin(),
        )
        with core.sessions() as session:
            found |= {number, session.get_one(Account, account).username, asked.reference}
    core.clock.advance(timedelta(days=1))
    for step in (draws.close, draws.run, draws.publish):
        step(core, "first")
    return found


def of_analysts(app):
    """The addresses that need a permission which an analyst has."""
    for one in iter_route_contexts(app.routes):
        if not one.path or "GET" not in one.methods:
            continue
        guards = [call for call in calls(one.route.dependant) if isinstance(call, Guard)]
        if any(Role.ANALYST in GRANTS[guard.permission] for guard in guards):
            yield from ADDRESSES.get(one.path) or [one.path.format_map(OTHERS | {"version": "1"})]


def readable(answer):
    if "parquet" in answer.headers["content-type"]:
        return pd.read_parquet(io.BytesIO(answer.content)).to_csv()
    return answer.text


def test_no_route_for_analysts_shows_a_name_or_a_number(app, core, client, planted):
    browser = Browser(client)
    analyst = a_colleague(core, Role.ANALYST)
    with core.sessions() as session:
        browser.go("/sign-in").send(username=session.get_one(Account, analyst).username, password=PASSWORD)
    addresses = list(of_analysts(app))
    assert len(addresses) > len(MEASURES) * 2
    shown = 0
    for address in addresses:
        answer = client.get(SITE + address)
        assert answer.status_code < 500, address
        assert address.startswith("/analyst/figures/") <= (answer.status_code == 200), address
        shown += answer.status_code == 200
        text = readable(answer) if answer.status_code == 200 else answer.text
        assert [one for one in planted if one in text] == [], address
    assert shown > len(MEASURES) * 2
