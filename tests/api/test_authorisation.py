"""Every route of the application, tried by every kind of visitor, against the table in ``who_may.txt``."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from api.deps import Guard, signed_in
from api.pages.account.second_step import waiting_visit
from api.pages.shared.forms import posted
from api.pages.shared.own_scripts import TOKEN_HEADER, own_script
from api.pages.shared.uploads import posted_file, posted_files
from api.v1.calls.guards import bearer
from api.v1.observers import signed_call
from booking.country.core import sessions
from booking.country.core.core import Core
from booking.country.core.four_eyes import GRANTS, Permission, Reach
from booking.desk.counter.arrive import Finding, check_in, undo_check_in
from booking.desk.counter.closing import ask_to_close
from booking.people.accounts.begin_session import SECRET
from booking.people.accounts.second_factor import new_secret
from booking.platform.base.errors import ForbiddenError
from booking.platform.base.references import new_reference
from booking.platform.models import Office, OnlinePaper, UrgentEvidence
from booking.platform.models.states import Door, Role
from booking.scheduling.appointments.attend import miss, serve
from tests.api.one_call import one_call
from tests.api.pages.browser import FORM, SITE
from tests.api.visitors import (
    ACCOUNT,
    AGENCY,
    FOREIGN,
    HOME,
    OBSERVER,
    PERMISSIONS,
    PUBLIC,
    SECOND_STEP,
    Visitor,
    visits,
)
from tests.booking.antifraud.gate.people import an_appointment, under_review
from tests.booking.desk.counter.standing import a_counter_request
from tests.booking.desk.helpers.helped import a_helper, helper_id_of
from tests.booking.desk.rosters.offices import a_repair
from tests.support.country import a_colleague, an_account
from tests.support.decisions import a_question
from tests.support.online_cases import a_posted_case, with_agency
from tests.support.urgent_cases import a_case_with_officers

ROLES = sorted(set(Role) - {Role.CITIZEN})
OTHERS = {
    "acting_id": "2",
    "application": "1",
    "board": "today",
    "centre": "damascus",
    "channel": "email",
    "charge": "00000000000040008000000000000000",
    "code": "damascus",
    "day": "2026-11-01",
    "door": "home",
    "goal": "passport-renewal",
    "field": "purpose",
    **dict.fromkeys(("first", "second", "third", "fourth"), "000"),
    "fileId": "ABCDEFGH0",
    "secret": "x" * 43,
    "kind": "receipt",
    "level": "entries",
    "file": "none.csv",
    "ending": "csv",
    "eFormId": "travel-permission",
    "language": "en",
    "member_id": "1",
    "name": "mawid.css",
    "number": "0",
    "office": "damascus",
    "office_code": "damascus",
    "service": "passport-renewal",
    "other": "1",
    "paper": "registration",
    "serviceId": "travel-permission",
    "taskId": "1",
    "scope": "office.damascus",
    "provider": "sandbox",
    "service_code": "passport-renewal",
    "slot_id": "1",
    "table": "rules",
    "version": "1",
    "way": "card",
} | dict.fromkeys(
    (
        *("account_id", "change_id", "helper_id", "consent_id", "draft_id", "evidence_id", "observer_id"),
        *("paper_id", "person_id", "passkey_id", "repair_id", "roster_id", "subscription_id", "study_id", "trial_id"),
        "upload_id",
    ),
    "00000000-0000-4000-8000-000000000000",
)
OF_MACHINES = {"/log/cosignatures", "/log/parts"}
"""Nobody's cookie counts there: what is brought is signed itself, so no other site can have somebody bring it."""
OF_NO_OFFICE = {
    *("/desk/identity/{person_id}", "/desk/identity/{person_id}/second-step"),
    *(f"/admin/webhooks/{{subscription_id}}{rest}" for rest in ("", "/events", "/replay")),
}
"""An own office or agency is needed, but no case is of it: people come to whichever counter they like, and systems of
other agencies look as unknown as none (``tests/api/pages/admin/test_webhooks.py``)."""


def declared() -> dict[tuple[str, str], str]:
    """Who may call each method and path."""
    lines = (Path(__file__).parent / "who_may.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {(method, path): who for who, *methods, path in rows for method in methods}


def routes(app: FastAPI) -> dict[tuple[str, str], APIRoute]:
    found = [one for one in iter_route_contexts(app.routes) if one.path]
    return {(method, one.path): one.route for one in found for method in one.methods - {"HEAD"}}


def calls(dependant) -> Iterator[object]:
    yield dependant.call
    for one in dependant.dependencies:
        yield from calls(one)


@pytest.fixture
def core(country: Core) -> Core:
    """The web layer's tests of this file run on a whole country."""
    return country


def test_every_route_is_guarded_as_the_table_says(app):
    table, found = declared(), routes(app)
    assert len(found) > 120
    assert set(found) == set(table)
    for (method, path), route in found.items():
        asked = set(calls(route.dependant))
        guards = {one.permission.value for one in asked if isinstance(one, Guard)}
        guards |= {SECOND_STEP} if waiting_visit in asked else set()
        guards |= {OBSERVER} if signed_call in asked else set()
        needs = guards or ({ACCOUNT} if asked & {signed_in, bearer} else {PUBLIC})
        assert needs == {table[method, path]}, (method, path)
        by_program = path.startswith("/api/") or path in OF_MACHINES
        assert method == "GET" or by_program or asked & {posted, posted_file, posted_files, own_script}, (method, path)


@pytest.fixture
def visitors(core: Core) -> dict[str, Visitor]:
    """Nobody, a citizen, a clerk between the two steps, and staff of every role at home, abroad and of no office."""
    found = {"nobody": Visitor(None, None), "citizen": Visitor(an_account(core), frozenset({Role.CITIZEN}))}
    found["half way"] = Visitor(None, None, proving=a_colleague(core, Role.OFFICER))
    for role in ROLES:
        for office in (HOME, FOREIGN, None):
            found[f"{role.value} of {office}"] = Visitor(
                a_colleague(core, role, office=office), frozenset({role}), office
            )
    for role in (Role.CASEWORKER, Role.CASE_SUPERVISOR):
        for agency in (AGENCY, "tax"):
            found[f"{role.value} of {agency}"] = Visitor(
                a_colleague(core, role, agency=agency), frozenset({role}), agency=agency
            )
    return found


@pytest.fixture
def call(app: FastAPI, core: Core) -> Iterator[Callable[[Visitor, str, str], str]]:
    """Call a route in a session that has not done anything yet, and tell whether the visitor was let in."""
    client = TestClient(app)
    with core.sessions.begin() as session:
        office_ids = dict(session.execute(select(Office.code, Office.id)).all())
        # Without a worker that gives signs of life, to the end of a long test, /readyz/worker is 503.
        session.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() + interval '1 hour')"))

    begun = {}

    def make(visitor: Visitor, method: str, path: str) -> str:
        if visitor not in begun or method != "GET":  # a look changes no session
            begun[visitor] = sessions.create(
                core,
                account_id=visitor.account_id,
                language="en",
                door=Door.HOME,
                roles=visitor.roles or (),
                office_id=office_ids.get(visitor.office),
                proving=visitor.proving,
                form={SECRET: new_secret()} if visitor.proving else {},
            )
        token, data = begun[visitor]
        api = path.startswith("/api/")
        headers = {"authorization": f"Bearer {token}"} if api else FORM | {"cookie": f"mawid={token}", "origin": SITE}
        headers |= {TOKEN_HEADER: data.csrf, "host": "localhost:8000"}
        body = b"" if api else f"csrf={data.csrf}&note=seen".encode()
        answer = one_call(client, method, path, headers, body)
        if method != "GET":
            del begun[visitor]
        assert answer.status_code < 500, (method, path)
        led_to = answer.location.partition("?")[0]
        led_away = led_to != path and led_to in {"/sign-in", "/sign-in/second-step", "/sign-in/set-up"}
        return "refused" if answer.status_code in {401, 403} or led_away else "let in"

    with client:
        yield make


def test_each_route_admits_exactly_the_roles_in_the_table(core, visitors, call):
    """A path that names a case of an office is called with a real one, in Damascus."""
    visit, _, _ = an_appointment(core)
    urgent, online = a_case_with_officers(core), with_agency(core)
    _, review = under_review(core)  # last: from here on everyone's request is looked at
    supervisor = a_colleague(core, Role.SUPERVISOR, office=HOME)
    closure = ask_to_close(
        core, officer_id=supervisor, day=core.today() + timedelta(days=2), counters=0, reason="no power"
    )
    roster, repair = a_repair(core, supervisor)
    with core.sessions() as session:
        paper = {"reference": urgent.reference, "evidence_id": session.scalars(select(UrgentEvidence.id)).one()}
        of_agency = {
            "reference": online.reference,
            "paper_id": session.scalars(select(OnlinePaper.id).order_by(OnlinePaper.id).limit(1)).one(),
        }
    cases = {
        "/desk/reviews/{reference}": {"reference": review},
        "/desk/today/{reference}": {"reference": visit},
        "/desk/ask/{reference}": {"reference": a_counter_request(core, supervisor)},
        "/desk/closing/{closure_id}": {"closure_id": closure},
        "/desk/roster/{roster_id}": {"roster_id": roster},
        "/desk/roster/repairs/{repair_id}": {"repair_id": repair},
        "/desk/watch/cases/{reference}": {"reference": a_question(core, HOME)},
        "/desk/online/{reference}": of_agency,
        "/desk/online/{reference}/papers/{paper_id}/{number}": of_agency,
        "/desk/post/{reference}": {"reference": a_posted_case(core, HOME)},
        "/desk/urgent/{reference}": paper,
        "/desk/helpers/{helper_id}": {"helper_id": helper_id_of(core, a_helper(core))},
        "/desk/urgent/{reference}/evidence/{evidence_id}/{number}": paper,
    }
    wrong, come = [], visits(declared(), visitors, cases)
    for (method, path), who in declared().items():
        reaches = set(GRANTS[Permission(who)].values()) if who in PERMISSIONS else set()
        bound = reaches & {Reach.OWN_OFFICE, Reach.OWN_AGENCY}
        assert path in {*cases, *OF_NO_OFFICE} or not (bound and "{" in path), (
            f"give {path} a case of Damascus, or of the agency"
        )
        address = path.format_map(OTHERS | {"reference": new_reference()} | cases.get(path, {}))
        for name in come[method, path]:
            visitor = visitors[name]
            expected = "let in" if visitor.may(who, HOME if path in cases else None) else "refused"
            if call(visitor, method, address) != expected:
                wrong.append(f"{method} {path} should be {expected} for {name}")
    assert wrong == []


def test_a_counter_is_worked_only_by_clerks_of_its_own_office(core, visitors):
    mine = [f"{role} of {HOME}" for role in ("officer", "supervisor")]
    assert [name for name, one in visitors.items() if one.may(Permission.SERVE_COUNTER, HOME)] == mine
    reference, _, starts_at = an_appointment(core)
    core.clock.set(starts_at)
    for name in set(visitors) - {*mine, "nobody", "half way"}:
        for act in (undo_check_in, serve, miss):
            with pytest.raises(ForbiddenError):
                act(core, officer_id=visitors[name].account_id, reference=reference)

    for name in (f"officer of {FOREIGN}", f"supervisor of {FOREIGN}"):  # they may scan it, and learn where it is
        elsewhere = check_in(core, officer_id=visitors[name].account_id, reference=reference)
        assert (elsewhere.finding, elsewhere.line.people) == (Finding.OTHER_OFFICE, ())
    check_in(core, officer_id=visitors[mine[0]].account_id, reference=reference)
    serve(core, officer_id=visitors[mine[1]].account_id, reference=reference)
