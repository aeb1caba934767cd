"""The whole API by schemathesis: calls that use what the one before gave, as somebody of each role."""

import io
import itertools
import json
import re
from contextlib import suppress
from typing import Any, Final

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Flaky, FlakyStrategyDefinition, Unsatisfiable
from requests.adapters import HTTPAdapter
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.generation.stateful.state_machine import APIStateMachine
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from urllib3 import HTTPResponse

from api.incoming.bodies import FILE, PART
from benchmarks.hostile_inputs.people import NOBODY, everyone
from benchmarks.hostile_inputs.site import ORIGIN, Actor, Judge, Site
from benchmarks.hostile_inputs.values import TEXTS, quoted
from booking.people.accounts.begin_session import log_in
from booking.platform.models import Account

CHECKED: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
QUIET: Final[dict[str, Any]] = {
    "deadline": None,
    "database": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}
EACH_SESSION: Final = 8
STEPS: Final = 12
SCENARIOS: Final = 120
for _name in {*FILE.types, *PART.types} - {"application/octet-stream"}:
    schemathesis.serializer.alias(_name, "application/octet-stream")


class Caller(HTTPAdapter):
    """Takes the calls of a client to the application, as whoever's turn it is."""

    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self.judge, self.route, self._calls, self._token = judge, "", 0, ""
        self._actors = itertools.cycle([NOBODY])
        self._actor = NOBODY

    def meet(self, actors: list[Actor]) -> None:
        """Take other people's turns from now on."""
        self._actors = itertools.cycle(actors)
        self.turn()

    def turn(self) -> None:
        """Let the next one call."""
        self._actor, self._calls = next(self._actors), EACH_SESSION

    def token(self) -> str:
        """Return a token of whoever's turn it is."""
        self._calls += 1
        if self._actor is not NOBODY and self._calls > EACH_SESSION:
            core, self._calls = self.judge.site.core, 0
            with core.sessions() as session:
                self._token = log_in(core, session.get_one(Account, self._actor.account_id), "").token
        return "" if self._actor is NOBODY else self._token

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Make a call."""
        body = request.body or b""
        body = body.encode(errors="replace") if isinstance(body, str) else bytes(body)
        headers = {
            name: _latin(value)
            for name, value in request.headers.items()
            if name.lower() not in {"host", "content-length"}
        }
        if token := self.token():
            headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
            headers["authorization"] = f"Bearer {token}"
        made = {"method": request.method, "path": request.path_url, "headers": headers}
        answer = self.judge.call("api", self.route, made, body=body)
        if answer.status == 401:
            self._calls = EACH_SESSION
        raw = HTTPResponse(io.BytesIO(answer.body), answer.headers, answer.status, preload_content=False)
        return self.build_response(request, raw)


def _latin(value: str | bytes) -> str:
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    return text.encode("latin-1", "replace").decode("latin-1").replace("\r", "").replace("\n", "")


def attack(judge: Judge, site: Site, *, start: int, most: int) -> None:
    """Call the API until there were so many inputs: in chains, and each operation alone with what is forbidden."""
    document = json.loads(site.client.get("/api/v1/openapi.json").content)
    schema = schemathesis.openapi.from_dict(document)
    caller, client = Caller(judge), requests.Session()
    client.mount(ORIGIN, caller)
    client.trust_env = False
    for round_ in itertools.count(start):
        caller.meet(everyone(site))
        _chains(schema, caller, client, round_)
        if judge.ledger.inputs >= most:
            return
        _alone(schema, caller, client, round_)
        _addresses(judge, document, caller, round_)


def _call(caller: Caller, client: requests.Session, case: Case) -> Response:
    """Make one call and check that its answer is one that the documentation has."""
    caller.route = case.operation.path
    response = case.call(base_url=ORIGIN, session=client)
    try:
        case.validate_response(response, checks=CHECKED)
    except FailureGroup as failures:
        told = {type(one).__name__: str(one) for one in failures.exceptions}
        what = f"{' '.join(sorted(told))} {response.status_code} {case.method} {case.operation.path}"
        kept = json.dumps(
            [case.method, case.formatted_path, str(case.query), str(case.headers), str(case.body)[:20_000]]
        )
        caller.judge.ledger.note("api", what, kept.encode(errors="replace"), "\n".join(told.values()))
    return response


def _chains(schema: Any, caller: Caller, client: requests.Session, number: int) -> None:
    class Chain(schema.as_state_machine()):  # type: ignore[misc] # a class that is made of the document
        """Operations one after the other, linked by what they give."""

        def setup(self) -> None:
            """Let the next one call."""
            caller.turn()

        def call(self, case: Case, **_: Any) -> Response:
            """Call in this process."""
            return _call(caller, client, case)

        def validate_response(self, *_: Any, **__: Any) -> None:
            """Nothing: `_call` has, and goes on."""

    machine: type[APIStateMachine] = Chain
    seeded(number)(machine)
    # The site remembers what was called before, so Hypothesis finds a chain that does not repeat: then the next begins.
    with suppress(Flaky, FlakyStrategyDefinition):
        machine.run(settings=settings(max_examples=SCENARIOS, stateful_step_count=STEPS, **QUIET))


def _alone(schema: Any, caller: Caller, client: requests.Session, number: int) -> None:
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):

            @seeded(number)
            @given(operation.as_strategy(generation_mode=mode))
            @settings(max_examples=6, **QUIET)
            def call(case: Case) -> None:
                caller.turn()
                _call(caller, client, case)

            try:
                call()
            except Unsatisfiable:  # a call without input has none that could be forbidden
                continue


def _addresses(judge: Judge, document: dict[str, Any], caller: Caller, number: int) -> None:
    """Call operations with hostile words as names in the path, in the query and as the whole body."""
    operations = sorted((path, method.upper()) for path, calls in document["paths"].items() for method in calls)
    drawn = st.tuples(st.sampled_from(operations), *[st.sampled_from(TEXTS)] * 3)

    @seeded(number)
    @given(drawn)
    @settings(max_examples=300, **QUIET)
    def call(one: tuple[tuple[str, str], str, str, str]) -> None:
        (path, method), name, query, body = one
        caller.turn()
        address = (
            re.sub(r"{\w+}", lambda _: quoted(name)[:3000], path) + f"?{quoted(query)[:3000]}={quoted(query)[:3000]}"
        )
        headers = {"content-type": "application/json", "idempotency-key": _latin(body)[:500]}
        if token := caller.token():
            headers["authorization"] = f"Bearer {token}"
        content = b"" if method == "GET" else json.dumps({query: body}).encode()
        judge.call("api", path, {"method": method, "path": address, "headers": headers}, body=content)

    call()
