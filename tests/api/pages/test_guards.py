"""Who may see what: every route is public by name here, or asks for an account or a role."""

import re

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from api.deps import signed_in
from api.pages.forms import posted
from booking.services.staff import create_staff
from booking.states import Role
from tests.api.pages import people
from tests.country import PASSWORD

PUBLIC = {
    "/",
    "/how",
    "/draws",
    "/draws/{reference}",
    "/draws/{reference}/files/{name}",
    "/services",
    "/services/{code}",
    "/offices",
    "/language/{language}",
    "/register",
    "/sign-in",
    "/sign-out",
    "/reset",
    "/reset/new",
    "/ask",
    "/abroad",
    "/instant",
    "/instant/{door}/{service_code}",
    "/outbox",
    "/static/{name}",
    "/livez",
    "/readyz",
    "/metrics",
}
DESK = {Role.OFFICER, Role.SUPERVISOR, Role.REVIEWER}
ROLES_OF = {"/desk": DESK, "/analyst": {Role.ANALYST}, "/admin": {Role.ADMINISTRATOR}}


def page_routes(app: FastAPI) -> list[tuple[str, set[str], APIRoute]]:
    found = [(context.path, context.methods, context.route) for context in iter_route_contexts(app.routes)]
    return [one for one in found if one[0] and not one[0].startswith("/api/")]


def asks_for(dependant, wanted) -> bool:
    return dependant.call is wanted or any(asks_for(one, wanted) for one in dependant.dependencies)


def test_every_page_that_is_not_public_asks_for_an_account(app):
    routes = page_routes(app)
    assert len(routes) > 50
    for path, _, route in routes:
        assert (path in PUBLIC) != asks_for(route.dependant, signed_in), path


def test_every_form_is_checked_to_come_from_our_own_page(app):
    for path, methods, route in page_routes(app):
        if "POST" in methods:
            assert asks_for(route.dependant, posted), path


def test_every_form_can_be_opened_again_where_it_was_sent(app):
    opened = {path for path, methods, _ in page_routes(app) if "GET" in methods}
    sent = {path for path, methods, _ in page_routes(app) if "POST" in methods}
    assert sent <= opened


def test_nobody_sees_a_page_of_an_account_without_signing_in(app, browser):
    for path, methods, _ in page_routes(app):
        if path not in PUBLIC and "GET" in methods:
            address = re.sub(r"{\w*reference}", "7K2M9D4QX", path)
            address = re.sub(r"{member_id}", "1", address.replace("{door}", "home"))
            answer = browser.client.get(re.sub(r"{\w+}", "damascus", address))
            assert answer.status_code in {303, 404}, address
            assert answer.status_code == 404 or answer.headers["location"].startswith("/sign-in"), address


@pytest.mark.parametrize(("path", "roles"), ROLES_OF.items())
def test_staff_pages_open_for_their_own_roles_only(core, new_browser, path, roles):
    for number, one in enumerate(set(Role) - {Role.CITIZEN}):
        create_staff(
            core,
            username=f"{one.value}1",
            password=PASSWORD,
            phone=f"+96394400000{number}",
            roles=[one],
            office_code="damascus" if one is Role.OFFICER else None,
            language="ar",
            by=None,
        )
    citizen = new_browser()
    people.register(citizen)
    assert citizen.go(path).status == 403
    for one in set(Role) - {Role.CITIZEN}:
        staff = new_browser()
        staff.go("/sign-in").send(username=f"{one.value}1", password=PASSWORD)
        assert staff.go(path).status == (200 if one in roles else 403)


def test_other_peoples_requests_and_people_are_as_unknown_as_none(core, new_browser, a_draw):
    a_draw()
    owner, stranger = new_browser(), new_browser()
    people.register(owner)
    people.add_person(owner, core)
    reference = people.ask(owner)
    member = re.search(r"/household/(\d+)/remove", owner.go("/household").text).group(1)
    people.register(stranger, username="karim", phone="0944999888")

    unknown = stranger.go("/requests/7K2M9D4QX")
    kept = stranger.text
    for path in (f"/requests/{reference}", f"/requests/{reference}/withdraw", f"/household/{member}/remove"):
        assert stranger.go(path).status == 404
    assert unknown.status == 404
    assert re.sub(r'back=[^"]*', "", stranger.go(f"/requests/{reference}").text) == re.sub(r'back=[^"]*', "", kept)


def test_the_outbox_is_not_there_unless_settings_show_it(core, monkeypatch, browser):
    object.__setattr__(core, "settings", core.settings.model_copy(update={"show_outbox": False}))
    assert browser.go("/outbox").status == 404
