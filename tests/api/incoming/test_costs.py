"""Every route has a class of cost, and the classes together fit into the memory of a process."""

import inspect
import re
from pathlib import Path

from fastapi.routing import iter_route_contexts

from api.incoming.bodies import FILE, FILE_FORM, body_of
from api.incoming.costs import (
    CONVERT,
    COSTS,
    HASH,
    LOOK,
    PAGE,
    PUBLISHED,
    SEARCH,
    STATIC,
    TOGETHER,
    WRITE,
    cost_of,
    declared,
)
from tests.api.test_authorisation import OTHERS
from tests.support.root import ROOT

MEMORY_MIB, OF_ONE_MIB = 480, 300
"""What all calls may take beside the program itself, and those of one network."""
THREADS = 40
"""Those in which routes run (`anyio`)."""
HASHES = {
    *("/sign-in", "/register", "/reset/new", "/helped/next", "/me/password", "/reopen", "/reopen/code"),
    *("/demo", "/demo/tour"),
    *("/me/account/copy", "/me/account/copy/fetch", "/me/account/close"),
    *("/api/v1/sessions", "/api/v1/accounts", "/api/v1/password-resets/confirmation", "/api/v1/accounts/me/password"),
    *("/api/v1/accounts/reopening-codes", "/api/v1/accounts/reopenings", "/api/v1/accounts/me/closing"),
    *("/api/v1/accounts/me/copies", "/api/v1/accounts/me/copies/content"),
    *("/me/security/again", "/api/v1/sessions/current/proofs"),
    *("/sign-in/second-step", "/sign-in/set-up", "/me/phone/codes", "/me/security/recovery-codes"),
    *("/me/security/second-step", "/me/security/second-step/remove"),
    *(f"/api/v1/accounts/me/second-factor/{call}" for call in ("passkeys", "recovery-codes", "removal")),
    *("/api/v1/accounts/me/second-factor/app/confirmation", "/api/v1/accounts/me/phone-change/confirmation"),
}
COLUMNS = ("class", "what its routes do", "a call: ms, MiB", "at once, of a network", "waiting, seconds")
COLUMNS += ("a second: network, session",)


def routes(app):
    """Every method, path and route."""
    found = [one for one in iter_route_contexts(app.routes) if one.path]
    return {(method, one.path): one.route for one in found for method in one.methods - {"HEAD"}}


def test_every_route_has_exactly_one_class_of_cost(app):
    listed = [(method, path) for method, path, _ in declared()]

    assert len(listed) == len(set(listed))
    assert set(listed) == set(routes(app))


def test_the_class_of_an_address_is_found_before_it_is_routed(app):
    found = app.state.budgets._routes
    for (method, path), route in routes(app).items():
        address = re.sub(r"{(\w+)}", lambda name: OTHERS.get(name[1], "7K2M9D4QX"), path)
        assert found.find(address)[method] == (cost_of(method, path), body_of(route).largest > 0), path
    for address in ("/nothing", "/draws/a/b/c/d", "", "/" * 9, "/draws/"):
        assert found.find(address) is None, address


def test_what_hashes_converts_or_needs_no_thread_is_in_its_class(app):
    of = {cost.name: {path for _, path, one in declared() if one is cost} for cost in COSTS}
    in_loop = {path for (_, path), route in routes(app).items() if inspect.iscoroutinefunction(route.endpoint)}
    apart = {path for (_, path), route in routes(app).items() if hasattr(route.endpoint, "__wrapped__")}

    assert of[HASH.name] == HASHES
    assert of[CONVERT.name] == apart
    assert of[TOGETHER.name] | of[LOOK.name] <= in_loop, "64 of them would take every thread"
    for (method, path), route in routes(app).items():
        assert method in {"GET", "HEAD"} or cost_of(method, path) not in {STATIC, PAGE}, path
        assert body_of(route) not in {FILE, FILE_FORM} or cost_of(method, path) is CONVERT, path


def test_all_classes_together_fit_into_a_process():
    assert sum(cost.memory_mib * (cost.at_once + cost.waiting * cost.elsewhere) for cost in COSTS) <= MEMORY_MIB
    assert sum(cost.memory_mib * (cost.of_network + cost.waiting * cost.elsewhere) for cost in COSTS) <= OF_ONE_MIB
    without = {PUBLISHED.name, TOGETHER.name, LOOK.name}  # those wait in the event loop
    in_threads = [cost for cost in COSTS if not cost.elsewhere and cost.name not in without]
    assert sum(cost.at_once for cost in in_threads) <= THREADS
    for cost in COSTS:
        assert (cost.of_network < cost.at_once) or cost is STATIC, "one network leaves a turn to the others"
        assert cost.per_session <= cost.per_network
    assert SEARCH.at_once < PAGE.at_once
    assert WRITE.at_once < PAGE.at_once


def test_the_documented_table_is_the_one_in_force():
    rows = [COLUMNS] + [
        (
            f"`{cost.name}`",
            cost.what,
            f"{cost.processor_ms:,}, {cost.memory_mib}",
            f"{cost.at_once}, {cost.of_network}" if cost.at_once else "–",
            f"{cost.waiting}, {cost.patience}" if cost.at_once else "–",
            f"{cost.per_network}, {cost.per_session}",
        )
        for cost in COSTS
    ]
    text = Path(ROOT, "docs/security.md").read_text(encoding="utf-8")

    for row in rows:
        assert f"| {' | '.join(row)} |" in text, row
